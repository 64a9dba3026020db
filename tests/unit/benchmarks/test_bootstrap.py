"""The paired bootstrap, where its answer is known."""

import pytest
from bootstrap import paired_interval


def test_a_constant_difference_has_an_interval_without_width() -> None:
    found = paired_interval([0.75, 0.5, 1.0], [0.5, 0.25, 0.75])
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)


def test_the_interval_is_that_of_the_normal_distribution_for_many_queries() -> None:
    differences = [1.0, 0.0] * 200  # Mean 0.5, standard error 0.5 / sqrt(400).
    found = paired_interval(differences, [0.0] * 400)
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.003)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.003)


def test_a_difference_that_hangs_on_one_query_is_not_sure() -> None:
    found = paired_interval([1.0, *[0.5] * 19], [0.0, *[0.5] * 19])
    assert found.mean == 0.05
    assert found.low == 0.0


def test_turning_the_sides_round_turns_the_interval_round() -> None:
    ours, theirs = [0.9, 0.2, 0.7, 1.0], [0.1, 0.4, 0.3, 0.8]
    there, back = paired_interval(ours, theirs), paired_interval(theirs, ours)
    assert (back.mean, back.low, back.high) == pytest.approx((-there.mean, -there.high, -there.low), abs=0.02)


def test_the_same_figures_give_the_same_interval_every_time() -> None:
    assert paired_interval([0.3, 0.9], [0.1, 1.0]) == paired_interval([0.3, 0.9], [0.1, 1.0])


@pytest.mark.parametrize(("ours", "theirs"), [([0.5], [0.5, 0.5]), ([], [])])
def test_sides_that_do_not_pair_are_refused(ours: list[float], theirs: list[float]) -> None:
    with pytest.raises(ValueError, match="same queries on both sides"):
        paired_interval(ours, theirs)
