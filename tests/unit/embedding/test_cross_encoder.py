"""The cross-encoder: real ONNX graphs whose scores can be told by hand."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.embedding import cross_encoder
from cognate.embedding.cross_encoder import CrossEncoder, load_cross_encoder
from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL, read_model_folder
from cognate.embedding.onnx import load_encoder
from cognate.errors import CancelledError, ModelError
from unit.embedding.overlap_model import FLOOR, STEP, expected_score, write_overlap_model

WORDS = ("red", "green", "blue", "find", "code", "car")
TEXTS = ["a red car", "green", "", "find the green car " * 3, "code in blue and red", "car", "red green blue"] * 3


@pytest.fixture(params=[1, 2], ids=["one thread", "two threads"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> CrossEncoder:
    return load_cross_encoder(str(write_overlap_model(tmp_path / "model", WORDS)), threads=request.param)


@pytest.mark.parametrize("query", ["red car", "find green code", "unheard of", "red", ""])
def test_each_text_is_read_with_the_query_in_the_order_given(model: CrossEncoder, query: str):
    expected = [expected_score(query, text, WORDS) for text in TEXTS]
    np.testing.assert_allclose(model.score(query, TEXTS), expected, atol=1e-5)


def test_a_text_has_the_same_score_whatever_is_scored_with_it(model: CrossEncoder):
    together = model.score("red car", TEXTS)
    alone = [model.score("red car", [text])[0] for text in TEXTS]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_texts_have_no_scores(model: CrossEncoder):
    assert model.score("red", []).shape == (0,)


def test_half_a_surrogate_pair_is_read_as_an_unknown_word(model: CrossEncoder):
    assert model.score("red \ud800", ["\udfff red"])[0] == pytest.approx(FLOOR + STEP)


def test_a_long_text_is_cut_and_a_long_query_leaves_room_for_the_text(model: CrossEncoder):
    assert model.score("red", ["blue " * 300 + "red"])[0] == pytest.approx(FLOOR)
    assert model.score("red " + "x " * 500, ["red"])[0] == pytest.approx(FLOOR + STEP)


def test_the_models_own_limit_is_kept_where_it_is_lower(tmp_path: Path):
    folder = write_overlap_model(tmp_path, WORDS, max_length=8)
    assert len(load_cross_encoder(str(folder)).tokens("red car", ["blue " * 50])[0].ids) == 8


def test_a_cancelled_score_stops_before_its_next_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model = load_cross_encoder(str(write_overlap_model(tmp_path, WORDS)))
    cancel, sizes = CancelToken(), list[int]()
    run = model._run

    def run_and_cancel(tokens: list[cross_encoder.Tokens]) -> object:
        sizes.append(len(tokens))
        cancel.cancel()
        return run(tokens)

    monkeypatch.setattr(model, "_run", run_and_cancel)
    with pytest.raises(CancelledError):
        model.score("red", TEXTS[:20], cancel=cancel)
    assert sizes == [cross_encoder.BATCH_SIZE]


@pytest.mark.parametrize(
    "name", ["model.onnx", "onnx/model.onnx", "onnx/model_qint8_avx512.onnx", "onnx/model_O3.onnx"]
)
def test_the_graph_is_found_where_exports_put_it(tmp_path: Path, name: str):
    model = load_cross_encoder(str(write_overlap_model(tmp_path, WORDS, onnx_path=name)))
    assert model.files.onnx == tmp_path / name


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (shutil.rmtree, "does not exist. Set `reranker` to a folder"),
        (lambda f: (f / "model.onnx").unlink(), "No ONNX model in .* --cross-encoder"),
        (lambda f: (f / "model.onnx").write_bytes(b"no graph"), "Cannot load the model"),
        (lambda f: (f / "tokenizer.json").unlink(), r"No tokenizer\.json"),
        (lambda f: (f / "tokenizer.json").write_text("{}"), "Cannot read the tokenizer"),
        (lambda f: write_overlap_model(f, WORDS, labels=3), r"not one number a pair: it is not a cross-encoder"),
    ],
)
def test_a_broken_folder_gives_one_clear_error(tmp_path: Path, damage: Callable[[Path], object], message: str):
    folder = write_overlap_model(tmp_path / "model", WORDS)
    damage(folder)
    with pytest.raises(ModelError, match=message):
        load_cross_encoder(str(folder))


def test_a_cross_encoder_is_refused_as_a_model_of_vectors(tmp_path: Path):
    folder = write_overlap_model(tmp_path, WORDS)
    (folder / "model.json").write_text('{"kind": "cross-encoder"}')
    with pytest.raises(ModelError, match="Set it as `reranker` instead"):
        load_encoder(str(folder))


def test_a_model_that_makes_vectors_is_no_cross_encoder():
    with pytest.raises(ModelError, match="it is not a cross-encoder"):
        CrossEncoder(read_model_folder(SHIPPED_FOLDER / SHIPPED_MODEL))
