"""How long queries and jobs take is part of the status."""

from collections.abc import Callable

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.search.request import HistoryRequest, RelatedRequest, SearchRequest
from cognate.types import Span

FILES = '''//- lock.py
def acquire_lock(path):
    """Wait until nobody else holds the file."""
    return open(path, "x")
//- picture.py
def rotate_image(pixels):
    return [list(row) for row in zip(*pixels[::-1])]
'''

STAGES = ("read", "words", "table", "embedding", "meaning", "pool", "signals", "order", "hits")


def test_every_stage_of_a_query_is_timed_in_order(open_workspace: Callable[..., Engine]):
    engine = open_workspace(FILES)
    engine.search(SearchRequest("acquire_lock"), CancelToken())
    assert [name for name in engine.status().times if name.startswith("query")] == [
        "query", *(f"query: {stage}" for stage in STAGES)
    ]  # fmt: skip
    engine.search(SearchRequest("how are passwords salted before they are stored"), CancelToken())
    assert ", 2 times, " in engine.status().times["query: pool"]


def test_every_job_that_ran_is_timed_and_so_are_the_other_questions(open_workspace: Callable[..., Engine]):
    engine = open_workspace(FILES)
    engine.related(RelatedRequest(Span("lock.py", 0, 2)), CancelToken())
    engine.history(HistoryRequest(query="lock"), CancelToken())
    times = engine.status().times
    jobs = {"job: opening", "job: looking for changes", "job: reading files"}
    assert jobs | {"related", "history"} <= set(times)
    assert not [name for name in times if name.startswith("query")]
