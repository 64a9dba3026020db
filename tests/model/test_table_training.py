"""The translation table learns which words stand beside which, and is written as what its parts say together."""

from pathlib import Path

import numpy as np
import pytest

from cognate.embedding.table import read_table
from tools.table.merge import Data, rows_of
from tools.table.train import Options, train
from tools.table.write import write

TOPICS = 40
WORDS = [f"{side}{chr(97 + n // 26)}{chr(97 + n % 26)}" for side in ("ask", "tell") for n in range(TOPICS)]
PAIRS = 4000


@pytest.fixture(scope="module")
def data() -> Data:
    """Pairs of three topics each: a topic has one word in questions and another in code."""
    random = np.random.default_rng(1)
    topics = np.array([random.choice(TOPICS, 3, replace=False) for _ in range(PAIRS)], np.int32)
    offsets = np.arange(PAIRS + 1, dtype=np.int64) * 3
    zeros = np.zeros(PAIRS, np.int32)
    return Data(
        WORDS, np.full(len(WORDS), 3 * PAIRS // TOPICS), topics.ravel(), offsets, (topics + TOPICS).ravel(), offsets,
        zeros.astype(np.uint8), zeros.astype(np.uint8), zeros, zeros, ["npm+example"],
    )  # fmt: skip


def trained(data: Data, seed: int):
    rows = rows_of(data, 100, 16)
    options = Options(width=32, turned=32, least_code=3, dropped_code=0, dropped_query=0, visits=12, seed=seed)
    return rows, train(data, rows, options)


def test_code_is_found_by_words_that_it_does_not_hold(data: Data, tmp_path: Path):
    rows, model = trained(data, 1)
    write([model], data, rows, 32, tmp_path / "table.npz")
    table = read_table(tmp_path / "table.npz")
    assert table is not None
    code = table.of_code(WORDS[TOPICS:])
    found = [int(np.argmax(code @ table.of_query(word))) for word in WORDS[:TOPICS]]
    assert np.mean(np.array(found) == np.arange(TOPICS)) > 0.9


def test_two_tables_in_one_say_what_they_say_together(data: Data, tmp_path: Path):
    rows, one = trained(data, 1)
    _, other = trained(data, 2)
    scores = {}
    for name, models in (("one", [one]), ("other", [other]), ("both", [one, other])):
        write(models, data, rows, 64, tmp_path / f"{name}.npz")
        table = read_table.__wrapped__(tmp_path / f"{name}.npz")
        assert table is not None
        scores[name] = table.of_code(WORDS[TOPICS:]) @ np.array([table.of_query(word) for word in WORDS[:TOPICS]]).T
    mean = (scores["one"] + scores["other"]) / 2
    assert np.corrcoef(mean.ravel(), scores["both"].ravel())[0, 1] > 0.98
