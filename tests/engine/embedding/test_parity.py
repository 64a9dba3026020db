"""The shipped model against the model it came from, by vectors that sentence-transformers gave (float32, torch).

``reference.npz`` is written by ``python -m tools.models ship``; the same comparison with torch itself is in
``tests/model``, behind ``make model-test``.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cognate.embedding.onnx import load_encoder
from cognate.errors import ModelError
from tools.models.check import CheckReport, compare, load_reference
from tools.models.samples import samples

REFERENCE = load_reference(Path(__file__).with_name("reference.npz"), "sentence-transformers/all-MiniLM-L6-v2")


@pytest.fixture(scope="module")
def report() -> CheckReport:
    with load_encoder() as encoder:
        return compare(encoder, REFERENCE, samples().chunks, samples().queries)


def test_the_shipped_model_passes_the_check(report: CheckReport):
    assert (report.chunks, report.queries) == (400, 66)
    assert report.passed


def test_its_vectors_are_those_of_the_source(report: CheckReport):
    assert report.cosine_mean >= 0.998
    assert report.cosine_min >= 0.99


def test_its_results_are_those_of_the_source(report: CheckReport):
    assert report.overlap >= 0.94
    assert report.near >= 0.90
    assert report.same_first >= 0.95


@pytest.mark.parametrize("change", [{"cosine_mean": 0.97}, {"overlap": 0.89}, {"near": 0.89}])
def test_a_model_that_misses_one_bound_fails_the_check(report: CheckReport, change: dict[str, float]):
    assert not replace(report, **change).passed


def test_the_check_notices_vectors_that_are_only_roughly_right():
    few = samples().chunks[:60]
    noise = np.random.default_rng(3).normal(size=REFERENCE.chunks[:60].shape).astype(np.float32)
    rough = REFERENCE.chunks[:60] + 0.03 * noise
    blurred = replace(REFERENCE, chunks=rough / np.linalg.norm(rough, axis=1, keepdims=True))
    with load_encoder() as encoder:
        assert compare(encoder, replace(REFERENCE, chunks=REFERENCE.chunks[:60]), few, samples().queries).passed
        assert not compare(encoder, blurred, few, samples().queries).passed


def test_calibration_never_saw_what_parity_is_measured_on():
    assert not set(samples().calibration) & set(samples().chunks)
    assert not set(samples().calibration) & set(samples().queries)


def test_reference_vectors_that_do_not_fit_are_refused(tmp_path: Path):
    (tmp_path / "broken.npz").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="Write them again"):
        load_reference(tmp_path / "broken.npz", "source")
    with load_encoder() as encoder, pytest.raises(ModelError, match="do not fit"):
        compare(encoder, REFERENCE, samples().chunks[:20], samples().queries)
