"""Ranking labelled queries again from their gathered signals."""

import json
from pathlib import Path

import numpy as np
import pytest
from rerank import GROUPS, NAMES, ablations, gather, ranked, without
from run import COGNATE, cognate

from cognate.search import order
from fixtures import write_files

FILES = "//- a.py\ndef parse_header(line):\n    return line.split(':')\n" + "".join(
    f"//- b{i}.py\ndef render_{i}(page, header):\n    return page * {i} + parse_header(header)\n" for i in range(4)
)
QUERIES = ("parse_header", "how is a page rendered")


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    write_files(tmp_path / "code", FILES)
    rows = [
        {"query": query, "category": "how", "relevant": [path]}
        for query, path in zip(QUERIES, ("a.py", "b2.py"), strict=True)
    ]
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "code.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


def test_ranking_again_with_the_shipped_weights_is_what_the_command_line_answers(corpora: Path) -> None:
    items = gather(corpora, {"own": corpora / "labels"})
    printed = cognate(COGNATE.split(), corpora / "code", QUERIES, 10).results
    for item, results in zip(items, printed, strict=True):
        again = ranked(item, order.weights_for(item.case.is_symbol), (order.SLOPE, order.BIAS))
        assert again == [{key: value for key, value in row.items() if key != "score"} for row in results]


def test_a_signal_of_weight_zero_is_gone_and_the_others_stay() -> None:
    weights = without(np.ones(len(NAMES)), frozenset({"body"}))
    assert weights[NAMES.index("body")] == 0.0
    assert weights.sum() == len(NAMES) - 1
    assert all(names <= set(NAMES) for names in GROUPS.values())


def test_the_table_says_what_each_signal_is_worth(corpora: Path) -> None:
    items = gather(corpora, {"own": corpora / "labels"})
    weights = [(order.weights_for(False), order.weights_for(True))] * len(items)
    printed = ablations(items, weights, (order.SLOPE, order.BIAS)).splitlines()
    assert len(printed) == 2 + 1 + len(GROUPS) + 2 + len(items[0].otherwise) + len(NAMES)
    assert printed[2].startswith("| everything | ")
    assert order.LEADING_FACTOR < 1.0
