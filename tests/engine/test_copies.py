"""Texts that stand in several places are one answer, which names the others."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.cli.main import main
from cognate.engine import Engine
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.types import Answer, Hit, Scope, Span
from fixtures import write_files

WAIT_S = 300.0

BACKOFF = '''def call_with_backoff(call):
    """Call again after a failure, waiting longer each time."""
    for attempt in range(5):
        sleep(2**attempt)
        call()
'''
OTHERS = "".join(
    f'''//- app/{verb}.py
def {verb}_until_done(call):
    """{verb.capitalize()} a call that failed, a little later."""
    while not call():
        {verb}(call)
'''
    for verb in ("retry", "repeat", "resume", "poll")
)


def copied(*paths: str) -> str:
    return OTHERS + "".join(f"//- {path}\n{BACKOFF}" for path in paths)


def ask(
    engine: Engine, query: str = "call again after a failure", limit: int = 10, scope: Scope | None = None
) -> Answer:
    return engine.search(SearchRequest(query, limit, scope or Scope()), CancelToken())


def places(hit: Hit) -> list[str]:
    return [f"{span.path}:{span.start_line}-{span.end_line}" for span in hit.copies]


def the_one(answer: Answer) -> Hit:
    (hit,) = [hit for hit in answer.hits if "call_with_backoff" in hit.preview]
    return hit


def test_a_copied_file_is_one_answer_that_names_the_other_places(open_workspace: Callable[..., Engine]):
    engine = open_workspace(copied("app/backoff.py", "old/app/backoff.py", "third/party/backoff.py"))
    answer = ask(engine)
    hit = the_one(answer)
    assert hit.path == "app/backoff.py"
    assert places(hit) == ["old/app/backoff.py:0-5", "third/party/backoff.py:0-5"]
    assert len(answer.hits) == len({hit.digest for hit in answer.hits}) == 5
    assert all(hit.copies == () for hit in answer.hits if hit.path != "app/backoff.py")
    assert dict(answer.facets.folders) == {"app": 5, "old": 1, "old/app": 1, "third": 1, "third/party": 1}


def test_only_bytes_that_are_the_same_are_a_copy(open_workspace: Callable[..., Engine]):
    engine = open_workspace(copied("a/x.py") + f"//- b/x.py\n{BACKOFF.replace('5', '6')}")
    hits = [hit for hit in ask(engine).hits if "call_with_backoff" in hit.preview]
    assert [hit.copies for hit in hits] == [(), ()]


def test_a_copy_inside_another_file_counts_and_filters_hold_for_copies(open_workspace: Callable[..., Engine]):
    body = "\n".join(f"    total += weigh(part_{number}, {number})  # one more" for number in range(30))
    big = f"def weigh_all(total):\n{body}\n    return total\n"
    filler = "def other(x):\n" + "\n".join(f"    y_{n} = x * {n} - other_{n}(x)" for n in range(40)) + "\n"
    engine = open_workspace(f"//- a/one.py\n{big}//- b/two.py\n{filler}\n\n{big}//- c/one.py\n{big}")
    hit = ask(engine, "weigh_all").hits[0]
    assert {hit.path, *(span.path for span in hit.copies)} == {"a/one.py", "b/two.py", "c/one.py"}
    limited = ask(engine, "weigh_all", scope=Scope(exclude=("c/",))).hits[0]
    assert {limited.path, *(span.path for span in limited.copies)} == {"a/one.py", "b/two.py"}


def test_many_copies_leave_room_for_others_and_all_are_named(open_workspace: Callable[..., Engine]):
    engine = open_workspace(copied(*(f"copies/v{number}/backoff.py" for number in range(150))))
    answer = ask(engine, "call again after a failure")
    assert len(the_one(answer).copies) == 149
    assert len(answer.hits) == 5


def test_related_code_is_shown_once(open_workspace: Callable[..., Engine]):
    engine = open_workspace(copied("a/backoff.py", "b/backoff.py", "c/backoff.py", "d/backoff.py"))
    answer = engine.related(RelatedRequest(Span("b/backoff.py", 0, 5)), CancelToken())
    assert answer.hits[0].path == "a/backoff.py"
    assert places(answer.hits[0]) == ["c/backoff.py:0-5", "d/backoff.py:0-5"]
    assert {hit.path.partition("/")[0] for hit in answer.hits[1:]} == {"app"}


def test_an_unsaved_copy_is_a_copy(open_workspace: Callable[..., Engine]):
    engine = open_workspace(copied("a/backoff.py", "b/backoff.py"))
    engine.set_buffer("b/backoff.py", "# new\n\n\n\n" + BACKOFF.replace("5", "7"))
    assert engine.wait_until_current(WAIT_S)
    assert all(hit.copies == () for hit in ask(engine).hits)
    engine.set_buffer("c.py", "import time\n\n\n" + BACKOFF.replace("5", "7"))
    engine.set_buffer("d.py", "import time\n\n\n" + BACKOFF.replace("5", "7"))
    assert engine.wait_until_current(WAIT_S)
    hit = next(hit for hit in ask(engine).hits if "import time" in hit.preview or "range(7)" in hit.preview)
    assert len([place for hit in ask(engine).hits for place in places(hit)]) >= 1
    assert hit.stale is False


@pytest.mark.parametrize(("paths", "more"), [(("a/x.py", "b/x.py"), " and 1 more place"), (("a/x.py",), "")])
def test_the_shell_counts_copies_and_json_names_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], paths: tuple[str, ...], more: str
):
    folder = str(write_files(tmp_path / "w", copied(*paths)))
    assert main(["search", "call_with_backoff", folder, "-n", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[0].endswith(f" {more}" if more else "")
    assert main(["search", "call_with_backoff", folder, "-n", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    other = paths[-1] if result["path"] == paths[0] else paths[0]
    assert result.get("copies") == ([{"path": other, "start_line": 1, "end_line": 5}] if more else None)
