"""Stages are timed in order, the newest are remembered, and the trace says nothing unless somebody listens."""

import logging
from collections.abc import Generator

import pytest

from cognate.timing import KEPT, TRACE, Stopwatch, Times, untimed
from cognate.types import Timing


class Clock:
    def __init__(self, *ticks: float) -> None:
        self.ticks = iter(ticks)

    def __call__(self) -> float:
        return next(self.ticks)


class Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def heard() -> Generator[Listener]:
    listener = Listener()
    TRACE.addHandler(listener)
    yield listener
    TRACE.removeHandler(listener)


def test_a_stage_lasts_from_the_end_of_the_one_before():
    watch = Stopwatch(Clock(10.0, 10.5, 12.0, 12.25))
    for stage in ("read", "words", "read"):
        watch.ended(stage)
    assert watch.stages == {"read": 0.75, "words": 1.5}
    untimed("read")


def test_the_median_is_of_the_newest_and_the_sum_of_all():
    times = Times("shop")
    for _ in range(KEPT):
        times.add("query", {"read": 9.0})
    for seconds in (0.001,) * (KEPT - 1) + (0.004,):
        times.add("query", {"read": seconds, "words": seconds})
    assert str(times.summary()["query: read"]) == f"p50 1.0 ms, last 4.0 ms, {2 * KEPT} times, 1800.2 s in all"
    assert times.summary()["query: words"] == Timing(1.0, 4.0, KEPT, pytest.approx(0.203))  # pyright: ignore[reportArgumentType]
    assert str(times.summary()["query"]).startswith("p50 2.0 ms, last 8.0 ms, ")
    assert list(times.summary()) == ["query", "query: read", "query: words"]


def test_what_fails_is_not_counted():
    times = Times("shop")
    with pytest.raises(ValueError, match="no"), times.measured("job: reading files"):
        raise ValueError("no")
    assert times.summary() == {}


def test_the_trace_has_a_line_for_each_piece_of_work_and_the_log_has_none(
    heard: Listener,
):
    times, log = Times("shop"), Listener()
    logging.getLogger().addHandler(log)
    times.add("query", {"read": 0.001, "words": 0.0025})
    times.add("job: embedding", {"": 0.25})
    assert heard.lines == ["shop: query 3.5 ms (read 1.0, words 2.5)", "shop: job: embedding 250.0 ms"]
    logging.getLogger().removeHandler(log)
    assert not log.lines
