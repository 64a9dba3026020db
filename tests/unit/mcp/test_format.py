"""How answers read to a model."""

import pytest

from cognate.mcp.format import BYTES_A_TOKEN, blocks_of, cut_line, fitted, index_note, tokens_of
from cognate.types import Hit, IndexInfo, Span, State, Symbol

RETRY = [
    "import time",
    "",
    "",
    "def retry_call(",
    "    action,",
    "    *, attempts=3,",
    "):",
    '    """Again."""',
    "    pass",
]


def hit(path: str, line: int, **more) -> Hit:
    text = RETRY[line]
    symbol = Symbol("retry_call", "function", "", 3, 9)
    fields = {"start_line": 0, "end_line": 9, "score": 0.5, "symbol": symbol, "language": "python", **more}
    return Hit(path=path, focus_line=line, focus_text=text, preview="\n".join(RETRY[line : line + 3]), **fields)


def text_of(*hits: Hit, max_tokens: int = 1500, query: str = "") -> str:
    return fitted(blocks_of(hits, lambda path: RETRY, query), max_tokens)[0]


def test_a_hit_is_its_lines_its_signature_and_its_focus():
    assert text_of(hit("a/b.py", 7)) == (
        'a/b.py:4-9  def retry_call(action, *, attempts=3, )\n     8      """Again."""\n     9      pass'
    )


def test_hits_of_one_file_stand_beside_each_other_in_the_order_of_the_best():
    text = text_of(hit("a.py", 3), hit("b.py", 3), hit("a.py", 7))
    assert [line.split(":")[0] for line in text.split("\n") if ".py:" in line] == ["a.py", "a.py", "b.py"]


def test_what_is_stale_copied_or_found_by_another_wording_says_so():
    text = text_of(hit("a.py", 7, stale=True, found_by="backoff", copies=(Span("c.py", 0, 9),)), query="again")
    assert "stale: the file has changed" in text
    assert "the same text in c.py" in text
    assert "found as “backoff”" in text
    assert "found as" not in text_of(hit("a.py", 7, found_by="again"), query="again")


@pytest.mark.parametrize("max_tokens", [200, 320, 700])
def test_an_answer_keeps_within_its_tokens_and_says_what_was_cut(max_tokens: int):
    hits = [hit(f"folder/ünï/file_{number}.py", 7) for number in range(40)]
    text, shown = fitted(blocks_of(hits, lambda path: RETRY), max_tokens)
    assert tokens_of(text) <= max_tokens
    assert 1 < len(shown) < 40
    assert f"{40 - len(shown)} more left out" in text
    assert len(text.encode()) > 0.4 * max_tokens * BYTES_A_TOKEN


def test_every_hit_has_its_focus_before_any_has_more():
    hits = [hit(f"file_{number}.py", 7) for number in range(8)]
    text, shown = fitted(blocks_of(hits, lambda path: RETRY), 300)
    assert len(shown) == 8
    assert text.count('"""Again."""') == 8


def test_a_signature_that_cannot_be_read_is_a_kind_and_a_name():
    (block,) = blocks_of([hit("a.py", 7)], lambda path: ())
    assert block.head == "a.py:4-9  function retry_call"


def test_lines_of_data_are_cut_and_nothing_in_them_acts():
    assert cut_line("x" * 5000).endswith("x…")
    assert "\x1b" not in cut_line("\x1b[31mred")


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (IndexInfo(State.INDEXING, 3, 0.4399, 1203), "meaning covers 43 % of 1,203 chunks"),
        (IndexInfo(State.CATCHING_UP, 3, 0.999, 10), "meaning covers 99 %"),
        (IndexInfo(State.INDEXING, 3, 0.4, 10), "words and the translation table answer for the rest"),
        (IndexInfo(State.INDEXING, 3, 0.4, 10, 0.62), "words and the translation table cover 62 % of the folder"),
        (IndexInfo(State.LEXICAL_ONLY, 3, 0.0, 10), "there is no model"),
        (IndexInfo(State.PAUSED, 3, 0.5, 10), "paused"),
        (IndexInfo(State.INDEXING, 3, 1.0, 10), "more files are still being read"),
        (IndexInfo(State.READY, 3, 1.0, 10), ""),
    ],
)
def test_the_state_of_the_index_is_said_where_it_matters(info: IndexInfo, said: str):
    assert said in index_note(info)
    assert bool(index_note(info)) == bool(said)
