"""A question in several wordings: one order, and what each wording does to it. Shipped model, real indexes."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.cli.main import main
from cognate.embedding.ahead import Ahead
from cognate.engine import Engine
from cognate.errors import CancelledError, ModelError
from cognate.search.request import SearchRequest
from cognate.types import Answer, Hit
from fixtures import GatedEncoder, write_files

FILLER = "".join(
    f"//- pages/page_{number}.py\nclass Page{number}:\n    title = 'Page {number}'\n\n"
    f"    def render(self, canvas, margin_{number}):\n        return canvas.text(self.title, margin_{number})\n"
    for number in range(12)
)

LIMITER = '''class TokenBucket:
    """Rate limiter: refuse callers that spend their tokens too fast."""

    def __init__(self, rate, burst):
        self.rate, self.tokens = rate, burst

    def take(self, now):
        self.tokens = min(self.tokens + self.rate, 10)
        return self.tokens >= 1
'''

PROJECT = (
    FILLER
    + '''//- app/auth.py
import hashlib


def constant_time_compare(expected, given):
    """Compare digests in a time that does not depend on their content."""
    difference = len(expected) ^ len(given)
    for a, b in zip(expected, given):
        difference |= a ^ b
    return difference == 0


def hash_password(password, salt):
    """Return the digest of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
'''
    + f"//- app/limits.py\n{LIMITER}//- legacy/limits.py\n{LIMITER}"
    + """\
//- tests/test_limits.py
from app.limits import TokenBucket


def test_take():
    assert TokenBucket(1, 1).take(0)
"""
)

VEILED = "slow down whoever knocks on the door again and again"
WORDING = "rate limiter with a token bucket"
NONSENSE = "flurbish grompet zanxly"


def ask(engine: Engine, query: str, *also: str, limit: int = 10, explain: bool = False) -> Answer:
    return engine.search(SearchRequest(query, limit, also=also, explain=explain), CancelToken())


def places(hits: tuple[Hit, ...]) -> list[tuple[str, int]]:
    return [(hit.path, hit.start_line) for hit in hits]


def test_another_wording_finds_what_the_question_does_not_and_says_so(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert not ask(engine, VEILED).hits
    hit = ask(engine, VEILED, WORDING).hits[0]
    assert (hit.path, hit.found_by) == ("app/limits.py", WORDING)
    assert hit.focus_text == ask(engine, WORDING).hits[0].focus_text, "the line that answers the wording"


def test_a_score_weighs_all_wordings_and_falls_along_the_list(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    alone, together = ask(engine, WORDING).hits[0].score, ask(engine, VEILED, WORDING).hits[0].score
    assert alone / 4 < together < alone, "the question's own words speak against it"
    scores = [hit.score for hit in ask(engine, VEILED, WORDING).hits]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", ["compare digests safely", "hash_password", "TokenBucket.take", WORDING])
def test_a_wording_that_finds_nothing_leaves_the_first_answer(open_workspace: Callable[..., Engine], query: str):
    engine = open_workspace(PROJECT)
    first = ask(engine, query).hits[0]
    for also in ([NONSENSE], [NONSENSE, "zibble norf"], ["pour cold milk over the cereal"]):
        hit = ask(engine, query, *also).hits[0]
        assert (hit.path, hit.start_line, hit.found_by) == (first.path, first.start_line, query)


def test_a_name_among_the_wordings_is_looked_for_as_a_name(open_workspace: Callable[..., Engine]):
    hit = ask(open_workspace(PROJECT), "equal without giving hints", "constant_time_compare", explain=True).hits[0]
    assert hit.focus_text == "def constant_time_compare(expected, given):"
    assert hit.found_by == "constant_time_compare"
    assert hit.why is not None
    assert hit.why["defines"] > 0, "the reasons are those of the wording that found it"


def test_nothing_is_close_judges_all_wordings_together(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert ask(engine, NONSENSE, "zibble norf").hits == ()
    assert ask(engine, NONSENSE, WORDING).hits


def test_a_question_in_one_wording_does_not_say_which_found_it(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    once = ask(engine, WORDING).hits
    assert {hit.found_by for hit in once} == {None}
    for repeated in ([WORDING], [f"  {WORDING.upper()} "], ["lang:python"], ["  "]):
        assert ask(engine, WORDING, *repeated).hits == once, "what says the same, or nothing, is no other wording"


def test_the_filters_of_the_query_hold_for_all_wordings(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert {hit.path for hit in ask(engine, f"{VEILED} path:app/", WORDING).hits} <= {"app/limits.py", "app/auth.py"}
    assert places(ask(engine, VEILED, f"{WORDING} lang:rust -path:app/").hits) == places(
        ask(engine, VEILED, WORDING).hits
    ), "a filter in another wording does not count"


def test_a_location_in_the_query_stands_first_whatever_other_wordings_find(open_workspace: Callable[..., Engine]):
    hit = ask(open_workspace(PROJECT), "app/auth.py:13", WORDING).hits[0]
    assert (hit.path, hit.focus_line) == ("app/auth.py", 12)


def test_copies_are_one_hit_in_several_wordings_too(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(PROJECT), VEILED, WORDING, "token bucket refuses callers").hits
    [hit] = [hit for hit in hits if hit.path.endswith("/limits.py")]
    assert [copy.path for copy in hit.copies] == ["legacy/limits.py"]


def test_eight_wordings_and_a_cancelled_search(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    many = [f"{WORDING} {number}" for number in range(7)]
    assert ask(engine, VEILED, *many, "refuse callers").hits[0].path == "app/limits.py"
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        engine.search(SearchRequest(VEILED, also=(WORDING,)), token)


# On the command line and over the wire


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "w", PROJECT)


def test_a_shell_says_which_other_wording_found_a_hit(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["search", VEILED, str(folder), "--also", WORDING, "-n", "1"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert "app/limits.py:1" in first
    assert first.endswith(f"as “{WORDING}”")
    assert main(["search", VEILED, str(folder), "--also", WORDING, "-n", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found_by"] == WORDING
    assert main(["search", WORDING, str(folder), "--also", NONSENSE, "-n", "1"]) == 0
    assert "as “" not in capsys.readouterr().out


def test_a_line_of_queries_may_be_json(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    lines = [VEILED, json.dumps({"query": VEILED, "also": [WORDING]}), "{ not json", json.dumps({"query": WORDING})]
    queries = tmp_path / "queries.txt"
    queries.write_text("\n".join(lines), encoding="utf-8")
    assert main(["search", "--queries", str(queries), str(folder), "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["query"] for row in rows] == [VEILED, VEILED, "{ not json", WORDING]
    assert [row.get("also") for row in rows] == [None, [WORDING], None, None]
    assert rows[1]["results"][0]["path"] == "app/limits.py"
    assert rows[1]["results"][0]["found_by"] == WORDING
    assert "found_by" not in rows[3]["results"][0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"also": ["x"]}', '{"query": "…", "also": ["…"]}'),
        ('{"query": 3}', '{"query": "…", "also": ["…"]}'),
        ('{"query": "x", "also": "y"}', '{"query": "…", "also": ["…"]}'),
        ('{"query": "x", "also": [1]}', "must be text"),
        ('{"query": "x", "also": [" "]}', "must be text"),
        (json.dumps({"query": "x", "also": list("abcdefghi")}), "at most 8"),
    ],
)
def test_a_line_that_is_no_query_is_an_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
):
    queries = tmp_path / "queries.txt"
    queries.write_text(line, encoding="utf-8")
    assert main(["search", "--queries", str(queries), str(folder), "--json"]) == 2
    assert said in capsys.readouterr().err


def test_vectors_come_whether_the_thread_beside_has_time_or_not():
    encoder = GatedEncoder()
    busy = threading.Event()
    other = Ahead(SimpleNamespace(encode_query=lambda _text: busy.wait(60)), ["keeps the thread"])  # pyright: ignore
    expected = [encoder.encode_query(text) for text in ("one", "two", "two")]
    np.testing.assert_array_equal(Ahead(encoder, ["one", "two", "two"]).vectors(), expected)
    busy.set()
    other.vectors()
    np.testing.assert_array_equal(Ahead(encoder, ["one", "two", "two"]).vectors(), expected)


def test_a_model_that_fails_on_one_wording_fails_the_question():
    def fail(text: str) -> None:
        raise ModelError(f"no vector for {text}")

    with pytest.raises(ModelError, match="no vector"):
        Ahead(SimpleNamespace(encode_query=fail), ["one", "two"]).vectors()  # pyright: ignore
