import pytest
from lsprotocol.types import (
    Position,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
)

from cognate.lsp.documents import apply_edit, word_at
from cognate.text_edits import line_at


def edit(text: str, start: tuple[int, int], end: tuple[int, int]) -> TextDocumentContentChangePartial:
    return TextDocumentContentChangePartial(Range(Position(*start), Position(*end)), text)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("a\nb\nc", edit("X", (1, 0), (1, 1)), "a\nX\nc"),
        ("a\r\nb\r\nc", edit("X", (1, 0), (2, 0)), "a\r\nXc"),
        ("a\rb\rc", edit("X", (2, 0), (2, 1)), "a\rb\rX"),
        ("a\n", edit("b\n", (1, 0), (1, 0)), "a\nb\n"),
        ("a", edit("!", (9, 9), (9, 9)), "a!"),
        ("abc\nd", edit("!", (0, 99), (0, 99)), "abc!\nd"),
        ("😀x\n", edit("y", (0, 2), (0, 3)), "😀y\n"),
        ("a\n", TextDocumentContentChangeWholeDocument("all new"), "all new"),
        ("", edit("a", (0, 0), (0, 0)), "a"),
        ("ab\ncd", edit("!", (1, 1), (0, 1)), "ab\nc!d"),
    ],
)
def test_edits_apply(before: str, change: TextDocumentContentChangeEvent, after: str) -> None:
    assert apply_edit(before, change, "utf-16") == after


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_the_protocols_line_ends_end_lines(separator: str) -> None:
    before = f"a{separator}b\nc\n"
    assert apply_edit(before, edit("X", (1, 0), (1, 1)), "utf-16") == f"a{separator}b\nX\n"


def test_words_are_found_at_both_of_their_ends() -> None:
    text = "x = 1\r\ndef größe(a):\r\n"
    assert [word_at(text, Position(1, n), "utf-16") for n in (4, 6, 9, 10)] == ["größe", "größe", "größe", "a"]
    assert word_at(text, Position(9, 0), "utf-16") == ""
    assert line_at(text, 1) == "def größe(a):"
