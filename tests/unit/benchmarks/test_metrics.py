"""The figures of the evaluation, on cases small enough to reckon by hand."""

import math

import pytest
from metrics import measure, measure_lines, partial_targets_of, targets_of


def result(path: str, first: int = 1, last: int = 10, focus: int | None = None) -> dict[str, object]:
    place: dict[str, object] = {"path": path, "start_line": first, "end_line": last}
    return place if focus is None else {**place, "focus_line": focus}


def span(path: str, first: int, last: int) -> dict[str, object]:
    return {"path": path, "start_line": first, "end_line": last}


def test_a_right_answer_in_the_first_place_is_worth_everything() -> None:
    assert measure([result("a.py")], ["a.py"]) == {"ndcg": 1.0, "recall": 1.0, "precision": 1.0, "mrr": 1.0}


def test_a_right_answer_in_the_third_place_is_discounted() -> None:
    figures = measure([result("x.py"), result("y.py"), result("a.py")], ["a.py"])
    assert figures["ndcg"] == pytest.approx(1 / math.log2(4))
    assert figures["mrr"] == pytest.approx(1 / 3)
    assert figures["precision"] == pytest.approx(1 / 3)


def test_no_results_are_worth_nothing() -> None:
    assert set(measure([], ["a.py"]).values()) == {0.0}
    assert measure_lines([], [span("a.py", 1, 2)]) == {"focus": 0.0, "line_precision": 0.0, "line_recall": 0.0}


def test_a_second_hit_on_the_same_target_gains_nothing() -> None:
    once = measure([result("a.py", 1, 5), result("x.py")], ["a.py"])
    twice = measure([result("a.py", 1, 5), result("a.py", 6, 9)], ["a.py"])
    assert once["ndcg"] == twice["ndcg"] == 1.0
    assert (once["precision"], twice["precision"]) == (0.5, 1.0)


def test_two_targets_in_one_result_count_once_for_the_order_and_twice_for_recall() -> None:
    figures = measure([result("a.py", 1, 50)], [span("a.py", 1, 5), span("a.py", 40, 45)])
    assert figures["recall"] == 1.0
    assert figures["ndcg"] == pytest.approx(1 / (1 + 1 / math.log2(3)))


def test_a_span_is_hit_by_one_common_line_and_missed_by_none() -> None:
    assert measure([result("a.py", 5, 10)], [span("a.py", 10, 20)])["recall"] == 1.0
    assert measure([result("a.py", 5, 9)], [span("a.py", 10, 20)])["recall"] == 0.0


def test_paths_agree_from_a_deeper_root_but_not_in_the_middle_of_a_name() -> None:
    assert measure([result("src/a.py")], ["a.py"])["recall"] == 1.0
    assert measure([result("src/ba.py")], ["a.py"])["recall"] == 0.0


def test_only_the_first_ten_results_count_and_for_precision_the_first_five() -> None:
    behind = [result(f"{i}.py") for i in range(10)]
    assert measure([*behind, result("a.py")], ["a.py"])["recall"] == 0.0
    assert measure([*behind[:5], result("a.py")], ["a.py"])["precision"] == 0.0


def test_a_partial_answer_has_half_the_gain_and_counts_in_ndcg_alone() -> None:
    figures = measure([result("part.py"), result("a.py")], ["a.py"], ["part.py"])
    assert figures["ndcg"] == pytest.approx((0.5 + 1 / math.log2(3)) / (1 + 0.5 / math.log2(3)))
    assert (figures["mrr"], figures["recall"], figures["precision"]) == (0.5, 1.0, 0.5)


def test_the_second_pass_counts_only_when_asked_for() -> None:
    full, part = {**span("b.py", 1, 2), "grade": 2}, {**span("c.py", 1, 2), "grade": 1}
    label = {"relevant": ["a.py"], "secondary": ["s.py"], "pooled": [full, part]}
    assert targets_of(label) == ["a.py", "s.py"]
    assert targets_of(label, pooled=True) == ["a.py", "s.py", full]
    assert partial_targets_of(label) == [part]


def test_lines_are_measured_by_where_results_point() -> None:
    spans = [span("a.py", 10, 20), span("b.py", 1, 3)]
    results = [result("a.py", 1, 30, focus=12), result("a.py", 1, 30, focus=25), result("b.py", 1, 9)]
    assert measure_lines(results, spans) == {"focus": 1.0, "line_precision": pytest.approx(2 / 3), "line_recall": 1.0}
    assert measure_lines(results[1:], spans)["focus"] == 0.0


def test_labels_of_whole_files_say_nothing_about_lines() -> None:
    assert measure_lines([result("a.py", focus=3)], ["a.py"]) == {}
