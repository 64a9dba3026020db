"""The tool chain for cross-encoders, with torch: a BERT that was never trained, from a folder to int8."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from cognate.embedding.cross_encoder import CrossEncoder, load_cross_encoder
from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL, read_model_folder
from cognate.errors import ModelError
from tools.models.__main__ import main
from tools.models.export import export_cross_encoder
from tools.models.libraries import load_source
from tools.models.quantize import quantize
from tools.models.samples import samples

pytestmark = pytest.mark.filterwarnings("ignore")  # Those of torch and transformers are not ours.

PAIRS = [(samples().queries[i % 66], text) for i, text in enumerate(samples().chunks[:60])]


INPUTS = ["input_ids", "token_type_ids", "attention_mask"]


def write_source(folder: Path, labels: int = 1, inputs: Sequence[str] = INPUTS) -> Path:
    """Write a cross-encoder of TinyBERT-L2's size with random weights, as sentence-transformers would."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(3)
    config = BertConfig(
        hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512, num_labels=labels,
        initializer_range=0.1,  # Wide enough that pairs differ by more than rounding.
    )  # fmt: skip
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(SHIPPED_FOLDER / SHIPPED_MODEL / "tokenizer.json"),
        pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=512,
        model_input_names=list(inputs),
    ).save_pretrained(folder)  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_source(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def exported(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_cross_encoder(str(source), tmp_path_factory.mktemp("export") / "tiny")


@pytest.fixture(scope="module")
def quantized(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return quantize(exported, tmp_path_factory.mktemp("quantize") / "tiny-int8")


def scores_of(folder: Path) -> np.ndarray:
    model = CrossEncoder(read_model_folder(folder), max_tokens=512)
    return np.array([model.score(query, [text])[0] for query, text in PAIRS])


def scores_of_source(folder: Path) -> np.ndarray:
    import torch

    model = load_source(str(folder), kind="CrossEncoder")
    return np.array(model.predict(PAIRS, activation_fn=torch.nn.Identity(), show_progress_bar=False))


@pytest.fixture(scope="module")
def expected(source: Path) -> np.ndarray:
    return scores_of_source(source)


def test_the_pairs_differ_enough_to_compare(expected: np.ndarray):
    assert expected.std() > 0.1


def test_the_export_gives_the_scores_of_its_source(exported: Path, expected: np.ndarray):
    np.testing.assert_allclose(scores_of(exported), expected, atol=1e-4)


def test_a_source_whose_tokenizer_does_not_tell_the_texts_apart_is_exported_as_it_is(tmp_path: Path):
    source = write_source(tmp_path / "source", inputs=["input_ids", "attention_mask"])
    exported = export_cross_encoder(str(source), tmp_path / "out")
    np.testing.assert_allclose(scores_of(exported), scores_of_source(source), atol=1e-4)


def test_several_pairs_at_once_have_the_scores_they_have_alone(exported: Path):
    model = load_cross_encoder(str(exported), threads=2)
    texts = [text for _, text in PAIRS[:20]]
    alone = [model.score("parse a header", [text])[0] for text in texts]
    np.testing.assert_allclose(model.score("parse a header", texts), alone, atol=1e-4)


def test_int8_orders_pairs_as_the_source_does_in_a_quarter_of_the_size(
    exported: Path, quantized: Path, expected: np.ndarray
):
    found = scores_of(quantized)
    assert np.corrcoef(found, expected)[0, 1] > 0.99
    assert (quantized / "model.onnx").stat().st_size < 0.3 * (exported / "model.onnx").stat().st_size
    card = json.loads((quantized / "model.json").read_text(encoding="utf-8"))
    assert card["kind"] == "cross-encoder"
    assert card["quantization"]["calibration_parity"] > 0.99


def test_what_is_written_has_the_layout_that_the_setting_takes(quantized: Path):
    names = {path.name for path in quantized.iterdir()}
    assert {"config.json", "tokenizer.json", "model.onnx", "model.json", "NOTICE"} <= names


def test_the_command_exports_a_cross_encoder(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", "--cross-encoder", str(source), str(tmp_path / "out"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["kind"] == "cross-encoder"
    shutil.rmtree(tmp_path / "out")
    assert main(["export", "--cross-encoder", str(source), str(tmp_path / "out")]) == 0
    assert "cross-encoder, " in capsys.readouterr().out


def test_a_model_with_several_labels_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match="gives 3 numbers a pair"):
        export_cross_encoder(str(write_source(tmp_path / "source", labels=3)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cross_encoder_is_not_checked_as_a_model_of_vectors(exported: Path, source: Path):
    from tools.models.check import check

    with pytest.raises(ModelError, match="compares embedding models"):
        check(exported, str(source))
