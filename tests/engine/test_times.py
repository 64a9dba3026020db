"""How long queries and jobs take is part of the status."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.cli.fronts import fronts
from cognate.cli.main import main
from cognate.engine import Engine
from cognate.engines import Engines
from cognate.search.request import HistoryRequest, RelatedRequest, SearchRequest
from cognate.settings import Settings
from cognate.types import Span
from fixtures import write_files

WAIT_S = 300.0
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
    assert engine.status().times["query: pool"].count == 2


def stages_said(said: str) -> list[str]:
    """Return the stages of one line of the trace."""
    line = re.fullmatch(r"cognate: query [0-9.]+ ms \((.*)\)\n", said)
    assert line is not None, said
    return [re.sub(r" [0-9.]+$", "", part) for part in line[1].split(", ")]


def test_a_search_from_the_shell_says_how_long_each_stage_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = str(write_files(tmp_path / "w", FILES))
    assert main(["index", folder]) == 0
    capsys.readouterr()
    assert main(["search", "acquire_lock", folder, "--trace"]) == 0
    assert stages_said(capsys.readouterr().err) == list(STAGES)
    assert main(["related", f"{folder}/lock.py:1", folder, "--trace"]) == 0
    assert re.fullmatch(r"cognate: related [0-9.]+ ms\n", capsys.readouterr().err)
    engines = Engines(has_settings=False, fronts=fronts())
    with closing(engines), closing(engines.open(Path(folder), Settings())) as engine:
        engine.start()
        assert engine.wait_until_current(WAIT_S)
        command = [sys.executable, "-m", "cognate", "search", "acquire_lock", folder, "--trace"]
        done = subprocess.run(command, timeout=WAIT_S, check=True, capture_output=True, text=True)
        assert main(["status", folder]) == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  query: ")]
        assert re.fullmatch(r"  query: p50 [0-9.]+ ms, .*, 1 times, [0-9.]+ s in all \(last: read [0-9.]+, .*\)", line)
        assert main(["status", folder, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["times"]["query"]["count"], told["times"]["query: hits"]["p50_ms"] > 0) == (1, True)
        assert set(told["times"]["query"]) == {"p50_ms", "last_ms", "count", "total_s"}
        assert ", 1 times, " in told["details"]["query: hits"]
    assert stages_said(done.stderr) == list(STAGES)


def test_every_job_that_ran_is_timed_and_so_are_the_other_questions(open_workspace: Callable[..., Engine]):
    engine = open_workspace(FILES)
    engine.related(RelatedRequest(Span("lock.py", 0, 2)), CancelToken())
    engine.history(HistoryRequest(query="lock"), CancelToken())
    times = engine.status().times
    jobs = {"job: opening", "job: looking for changes", "job: reading files"}
    assert jobs | {"related", "history"} <= set(times)
    assert not [name for name in times if name.startswith("query")]
