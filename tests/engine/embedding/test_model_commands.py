"""The commands of the tool chain, as far as they go without its heavy libraries."""

import importlib
import json
from pathlib import Path

import pytest

from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL
from cognate.errors import ModelError
from engine.embedding.test_parity import REFERENCE
from tools.models import check as checking
from tools.models.__main__ import main
from tools.models.check import Reference
from tools.models.libraries import require
from tools.models.samples import Samples, samples

SHIPPED = SHIPPED_FOLDER / SHIPPED_MODEL

FEW = Samples((), samples().chunks[:40], samples().queries)
FEW_REFERENCE = Reference("source", REFERENCE.chunks[:40], REFERENCE.queries)


@pytest.fixture
def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def import_module(name: str) -> object:
        if name.startswith(("cognate.", "tools.")):
            return real(name)
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", import_module)


@pytest.mark.usefixtures("without_extra")
@pytest.mark.parametrize(
    "arguments", [("export", "source", "out"), ("quantize", str(SHIPPED), "out"), ("check", str(SHIPPED), "source")]
)
def test_without_the_extra_each_command_says_what_to_install(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert "`make model` sets up such an environment" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_check_gives_its_figures_as_json_or_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(checking, "samples", lambda: FEW)
    monkeypatch.setattr(checking, "make_reference", lambda *_: FEW_REFERENCE)
    assert main(["check", str(SHIPPED), "source", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["passed"] is True
    assert figures["model_bytes"] > 22_000_000
    assert main(["check", str(SHIPPED), "source"]) == 0
    assert capsys.readouterr().out.endswith("passed\n")


def test_a_model_that_fails_its_check_gives_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    turned = Reference("source", FEW_REFERENCE.chunks[::-1], FEW_REFERENCE.queries)
    monkeypatch.setattr(checking, "samples", lambda: FEW)
    monkeypatch.setattr(checking, "make_reference", lambda *_: turned)
    assert main(["check", str(SHIPPED), "source"]) == 1
    assert capsys.readouterr().out.endswith("FAILED\n")


def test_too_few_texts_are_refused(tmp_path: Path):
    with pytest.raises(ModelError, match="more than 10 texts"):
        checking.check(SHIPPED, "source", texts=["one"])


def test_a_missing_library_is_named():
    with pytest.raises(ModelError, match="This needs no_such_library"):
        require("no_such_library.part")


def test_the_samples_are_what_the_check_promises():
    assert (len(samples().chunks), len(samples().queries)) == (400, 66)
