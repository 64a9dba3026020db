"""The real encoder: the shipped model, and folders of other shapes whose vectors can be told by hand."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.embedding.onnx import OnnxEncoder, load_encoder
from cognate.errors import CancelledError, ModelError
from unit.embedding.tiny_model import unit, vectors_of, write_tiny_model

TEXTS = ["open a file", "", "close the connection pool " * 40, "parse json", "naïve über 漢字 \ud800", "a"] * 9


@pytest.fixture(scope="module")
def shipped() -> Iterator[OnnxEncoder]:
    with load_encoder(threads=2) as encoder:
        yield encoder


def check_vectors(folder: Path, texts: list[str], expected: list[np.ndarray]) -> None:
    with load_encoder(str(folder)) as encoder:
        np.testing.assert_allclose(encoder.encode(texts), [unit(v) for v in expected], atol=1e-6)


def test_the_shipped_model_gives_unit_rows_of_384_float32(shipped: OnnxEncoder):
    vectors = shipped.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_meaning_decides_not_words(shipped: OnnxEncoder):
    query = shipped.encode_query("sign in with a password")
    near, far = shipped.encode(["auth login user credentials verify", "matrix multiply transpose kernel"]) @ query
    assert near > far + 0.2


def test_a_text_has_the_same_vector_whatever_is_encoded_with_it(shipped: OnnxEncoder):
    together = shipped.encode(TEXTS)
    alone = np.stack([shipped.encode([text])[0] for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_one_thread_gives_the_vectors_of_two(shipped: OnnxEncoder):
    with load_encoder(threads=1) as single:
        np.testing.assert_allclose(single.encode(TEXTS), shipped.encode(TEXTS), atol=1e-5)


def test_a_query_is_encoded_as_a_document_where_the_model_has_no_prompts(shipped: OnnxEncoder):
    np.testing.assert_allclose(shipped.encode_query("parse json"), shipped.encode(["parse json"])[0], atol=1e-6)


def test_no_texts_give_no_rows(shipped: OnnxEncoder):
    assert shipped.encode([]).shape == (0, 384)


def test_text_beyond_the_limit_changes_nothing(shipped: OnnxEncoder):
    long = "alpha beta gamma delta " * 30
    np.testing.assert_array_equal(shipped.encode_query(long), shipped.encode_query(long + "omega"))
    assert len(shipped.tokens(long).ids) == 64


def test_a_cancelled_encode_stops(shipped: OnnxEncoder):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        shipped.encode(TEXTS, cancel=cancel)


def test_queries_and_documents_may_be_encoded_at_the_same_time(shipped: OnnxEncoder):
    expected_rows, expected = shipped.encode(TEXTS), shipped.encode_query("open a file")
    results: list[bool] = []

    def documents() -> None:
        results.append(bool(np.allclose(shipped.encode(TEXTS), expected_rows, atol=1e-5)))

    def queries() -> None:
        results.extend(bool(np.allclose(shipped.encode_query("open a file"), expected, atol=1e-5)) for _ in range(20))

    threads = [threading.Thread(target=work) for work in (documents, queries, documents, queries)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 42


def test_the_fingerprint_is_stable_and_follows_the_token_limit(shipped: OnnxEncoder):
    with load_encoder() as again, load_encoder(max_tokens=32) as shorter:
        assert again.fingerprint == shipped.fingerprint
        assert shorter.fingerprint != shipped.fingerprint


@pytest.mark.parametrize(
    ("config", "pooled"),
    [
        (None, lambda v: v.mean(axis=0)),
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, lambda v: v.mean(axis=0)),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, lambda v: v[0]),
        ({"pooling_mode": "max"}, lambda v: v.max(axis=0)),
    ],
)
def test_token_vectors_are_pooled_as_the_folder_says(tmp_path: Path, config: object, pooled: object):
    files = {} if config is None else {"1_Pooling/config.json": config}
    texts = ["red", "green blue code find red", "blue green"]
    check_vectors(write_tiny_model(tmp_path, files=files), texts, [pooled(vectors_of(t)) for t in texts])  # pyright: ignore


@pytest.mark.parametrize("inputs", [("input_ids",), ("input_ids", "attention_mask", "token_type_ids")])
def test_a_graph_gets_the_inputs_it_asks_for(tmp_path: Path, inputs: tuple[str, ...]):
    check_vectors(write_tiny_model(tmp_path, inputs=inputs), ["red blue"], [vectors_of("red blue").mean(axis=0)])


def test_prompts_stand_before_queries_and_documents(tmp_path: Path):
    prompts = {"prompts": {"query": "find ", "document": "code "}}
    folder = write_tiny_model(tmp_path, files={"config_sentence_transformers.json": prompts})
    with load_encoder(str(folder)) as encoder:
        np.testing.assert_allclose(encoder.encode_query("red"), unit(vectors_of("find red").mean(axis=0)), atol=1e-6)
        np.testing.assert_allclose(encoder.encode(["red"])[0], unit(vectors_of("code red").mean(axis=0)), atol=1e-6)


def test_the_models_own_limit_is_kept_where_it_is_lower(tmp_path: Path):
    folder = write_tiny_model(tmp_path, files={"sentence_bert_config.json": {"max_seq_length": 2}})
    check_vectors(folder, ["red green blue"], [vectors_of("red green").mean(axis=0)])


def test_a_graph_that_is_no_text_encoder_is_refused(tmp_path: Path):
    with pytest.raises(ModelError, match="unknown inputs \\(pixel_values\\)"):
        load_encoder(str(write_tiny_model(tmp_path, inputs=("input_ids", "pixel_values"))))
