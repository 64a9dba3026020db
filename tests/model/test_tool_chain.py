"""The tool chain itself, with torch: ``make model-test``. Proves that the shipped files are what it makes."""

import json
from pathlib import Path

import numpy as np
import pytest

from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL
from cognate.embedding.onnx import load_encoder
from cognate.errors import ModelError
from tools.models.check import check
from tools.models.export import export
from tools.models.quantize import quantize
from tools.models.samples import samples
from tools.models.ship import source_folder

SHIPPED = SHIPPED_FOLDER / SHIPPED_MODEL
SOURCE = source_folder()

pytestmark = pytest.mark.filterwarnings("ignore")  # Those of torch and transformers are not ours.


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(SOURCE, tmp_path_factory.mktemp("export") / SHIPPED_MODEL)


@pytest.fixture(scope="module")
def quantized(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quantize(exported, tmp_path_factory.mktemp("quantize") / SHIPPED_MODEL)


def test_the_export_gives_the_vectors_of_its_source(exported: Path):
    report = check(exported, SOURCE)
    assert report.cosine_min > 0.9999
    assert report.overlap > 0.99


def test_the_shipped_model_is_what_export_and_quantize_make(quantized: Path):
    card, shipped = (json.loads((folder / "model.json").read_text()) for folder in (quantized, SHIPPED))
    assert card["source_digest"] == shipped["source_digest"]
    if card["digest"] != shipped["digest"]:  # Another processor may round a calibration sum the other way.
        with load_encoder(str(quantized)) as made, load_encoder() as ours:
            texts = samples().chunks
            cosines = (made.encode(texts) * ours.encode(texts)).sum(axis=1)
        assert np.min(cosines) > 1 - 1e-3


def test_the_shipped_model_passes_the_check_against_its_source():
    report = check(SHIPPED, SOURCE)
    assert report.passed
    assert report.cosine_mean >= 0.98
    assert report.overlap >= 0.90


def test_other_texts_pass_as_well():
    sources = sorted(SHIPPED_FOLDER.parent.rglob("*.py"))
    texts = [" ".join(path.read_text(encoding="utf-8").split()[:80]) for path in sources]
    report = check(SHIPPED, SOURCE, texts=texts, queries=["where are files watched", "parse a query", "write vectors"])
    assert report.cosine_mean >= 0.98


def test_a_quantized_model_is_not_quantized_again(quantized: Path, tmp_path: Path):
    with pytest.raises(ModelError, match="quantized already"):
        quantize(quantized, tmp_path)


def test_a_source_that_is_no_model_is_one_clear_error(tmp_path: Path):
    with pytest.raises(ModelError, match="Cannot load the sentence-transformers model"):
        export(str(tmp_path), tmp_path / "out")
