"""Which lines of which files a text for an agent shows. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from metrics import Target, hits

from cognate.mcp.format import BYTES_A_TOKEN

Line: TypeAlias = tuple[str, int]
"""A path and the number of a line, counted from 1."""

_HEAD = re.compile(r"(\S.*?)(?: cell \d+)?:\d+-\d+(?=  |$)")
_NUMBERED = re.compile(r" *(\d+)  ")
_MATCH = re.compile(r"(\d+):")


def cut(text: str, tokens: int) -> str:
    """Return the beginning of a text that has a number of tokens, as ``cognate.mcp.format`` estimates them."""
    return text.encode()[: bytes_of(tokens)].decode("utf-8", "ignore")


def bytes_of(tokens: int) -> int:
    """Return how many bytes of UTF-8 a number of tokens has."""
    return int(tokens * BYTES_A_TOKEN)


def lines_of_answer(text: str) -> Iterator[Line]:
    """Yield the numbered lines of an answer of ``search_code``."""
    path = ""
    for line in text.split("\n"):
        if numbered := _NUMBERED.match(line):
            yield path, int(numbered[1])
        elif head := _HEAD.match(line):
            path = head[1]


def lines_of_ripgrep(text: str) -> Iterator[Line]:
    """Yield the numbered lines of what ripgrep prints, grouped by file."""
    path = ""
    for line in text.split("\n"):
        if match := _MATCH.match(line):
            yield path, int(match[1])
        elif line:
            path = line


def is_shown(lines: Iterable[Line], targets: Sequence[Target]) -> bool:
    """Return whether one of some lines lies in a target."""
    return any(
        hits({"path": path, "start_line": number, "end_line": number}, target)
        for path, number in lines
        for target in targets
    )
