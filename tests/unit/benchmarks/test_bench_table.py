"""The pure parts of the suite: goals, the table, percentiles, the axes of the plot, a client's view of a folder."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

# Behind benchmarks/quality, as both have a rerank.py.
sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))

from harness import SIZES, Bench, Goal, Row, percentile, records, table
from peers import Measured, _table
from plot import PANELS, bounds, draw
from tables import kind_of_machine, shown


def row(ratio: float | None, goal: Goal | None, size: str = "large", note: str = "") -> Row:
    return Row("search", size, "1 ms", "encoding", ratio, goal, note)


@pytest.mark.parametrize(
    ("ratio", "goal", "met"),
    [
        (4.0, Goal(4), True),
        (4.1, Goal(4), False),
        (0.9, Goal(0.9, at_least=True), True),
        (0.89, Goal(0.9, at_least=True), False),
        (9.0, Goal(4, "huge"), None),
        (3.0, Goal(4, "large"), True),
        (None, Goal(4), None),
        (3.0, None, None),
    ],
)
def test_a_goal_is_judged_at_the_size_it_names_only(ratio: float | None, goal: Goal | None, met: bool | None):
    assert row(ratio, goal).met is met


def test_the_table_has_a_line_a_row_and_each_note_once():
    rows = [row(5.0, Goal(4), note="first"), row(2.0, Goal(4), note="second"), row(3.0, Goal(4), note="first")]
    lines = table(rows).split("\n")
    assert lines[2] == "| search [1] | large | 1 ms | encoding | 5 | ≤ 4 times | **no** |"
    assert [line[:14] for line in lines[2:5]] == ["| search [1] |", "| search [2] |", "| search [1] |"]
    assert lines[6:] == ["[1] first", "[2] second"]


def test_the_rows_are_a_table_of_results_too():
    lines = shown(records([row(5.0, Goal(4)), row(None, None)])).splitlines()
    assert lines == [
        "| what | size | measured | reference in the same run | ratio | goal | met |",
        "|---|---|---|---|---|---|---|",
        "| search | large | 1 ms | encoding | 5 | ≤ 4 times | **no** |",
        "| search | large | 1 ms | encoding |  |  |  |",
    ]


def test_others_are_compared_in_a_table_of_results():
    ours = Measured(3.94, 10.0, 184.2, [0.0126], [0.5, 0.6])
    other = Measured(0.24, 0.0, 16.0, [0.0433, 0.0433], [0.3])
    assert shown(_table({"Cognate": ours, "ripgrep": other})).splitlines()[2:] == [
        "| **Cognate** | 3.9 s | **10.0 s** | **12.6 ms** | 184 MB | **0.550** |",
        "| ripgrep | **0.2 s** | none | 43.3 ms | **16 MB** | 0.300 |",
    ]


def test_results_are_kept_under_the_kind_of_the_machine():
    assert re.fullmatch(r"\d+-core-[a-z0-9-]+", kind_of_machine())


def test_a_goal_says_what_it_counts_and_where():
    assert str(Goal(0.9, at_least=True)) == "≥ 0.9 times"
    assert str(Goal(600, "large", unit="MB")) == "≤ 600 MB at large"


def test_percentiles_are_values_that_were_measured():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 3.0, 5.0, 5.0]
    with pytest.raises(ValueError, match="measured"):
        percentile([], 0.5)


def test_each_size_holds_the_one_before_it_and_no_corpus_twice():
    bench = Bench(Path(), Path(), ("small",))
    members = [bench.members(size) for size in SIZES]
    for smaller, larger in pairwise(members):
        assert larger[: len(smaller)] == smaller
    assert len(set(members[-1])) == len(members[-1])


def test_labelled_queries_are_asked_of_the_corpora_they_are_about():
    bench = Bench(Path(), Path(), ("small",))
    assert set(bench.labels("small")) == {"cobra"}
    assert set(bench.labels("medium")) == {"cobra", "leveldb", "bat", "celery", "composer"}
    assert bench.queries("huge") == bench.queries("large")


@pytest.mark.parametrize(
    ("values", "ends"), [([3.0], (2.0, 5.0)), ([1.0, 10.0], (1.0, 20.0)), ([0.07, 900.0], (0.05, 1000.0))]
)
def test_an_axis_holds_its_values(values: list[float], ends: tuple[float, float]):
    assert bounds(values) == pytest.approx(ends)


def test_the_plot_is_drawn_from_what_was_measured(tmp_path: Path):
    names = [name for _, series in PANELS for name, _ in series]
    sizes = {"small": 1_000.0, "medium": 12_000.0}
    figures = {size: {"chunks": n, **dict.fromkeys(names, n / 100)} for size, n in sizes.items()}
    few = {"small": {"chunks": 1_000.0}}
    draw(figures, tmp_path / "all.png")
    draw(few, tmp_path / "few.png")
    assert (tmp_path / "all.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "all.png").stat().st_size > (tmp_path / "few.png").stat().st_size
