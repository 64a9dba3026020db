"""What a line of code is part of, as text: the definition around it, who uses it, its tests. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cognate.commits import Commit, iso_date
from cognate.mcp.format import Block, Lines, Reply, blocks_of, cut_line, fitted, head_of, index_data, index_note
from cognate.types import Hit, IndexInfo, Symbol
from cognate.workspace.path_facts import path_facts

MAX_TOKENS = 1500
MOST_LINES = 12  # Of the definition itself; an agent reads the rest with its own tool.
MOST_MEMBERS = 20
MOST_FILES = 6  # That refer to a file, or look like its tests.


@dataclass(frozen=True, slots=True)
class Place:
    """A line, and what is known of it.

    Attributes:
        path: of the file.
        line: counted from 1.
        lines: of the file, as it is on disk.
        around: the definitions around the line, outermost first.
        symbols: all definitions of the file.
        referrers: files that refer to this one, tests left out.
        users: places that use the definition, tests left out.
        tests: files that look like its tests.
        in_tests: places that test it.
        commits: the last ones that made it what it is, newest first.
    """

    path: str
    line: int
    lines: Sequence[str]
    around: Sequence[Symbol]
    symbols: Sequence[Symbol]
    referrers: Sequence[str]
    users: Sequence[Hit]
    tests: Sequence[str]
    in_tests: Sequence[Hit]
    commits: Sequence[Commit] = ()


def tests_among(paths: Iterable[str], path: str, referrers: Sequence[str]) -> list[str]:
    """Return the test files that refer to a file, then those that have its name's words in theirs."""
    referring = [other for other in referrers if is_test(other)]
    words = set(path_facts(path).name_words)
    named = sorted(
        other
        for other in paths
        if other != path and words and is_test(other) and words.issubset(path_facts(other).name_words)
    )
    return list(dict.fromkeys([*named, *referring]))


def is_test(path: str) -> bool:
    """Return whether a file is one of tests, by its path."""
    return "test" in path_facts(path).kinds


def place_text(place: Place, lines: Lines, info: IndexInfo) -> Reply:
    """Return a place as text and as data."""
    symbol = place.around[-1] if place.around else None
    head = [note for note in (index_note(info),) if note] + _definition(place, symbol)
    users = blocks_of(place.users, lines)
    tests = blocks_of(place.in_tests, lines)
    sections: list[str] = head
    room = MAX_TOKENS
    shown: dict[str, list[Block]] = {}
    for title, blocks, files, key in (
        ("Used by:", users, place.referrers, "used_by"),
        ("Tests:", tests, place.tests, "tests"),
    ):
        shown[key] = []
        if blocks:
            text, shown[key] = fitted(blocks, room // 2)
            sections += ["", title, text]
        elif files:
            listed = ", ".join(files[:MOST_FILES])
            more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
            label = "Files that refer to this one" if key == "used_by" else "Files that look like its tests"
            sections += ["", f"{label}: {listed}{more}"]
        elif key == "used_by":
            sections += [
                "",
                f"No use of {symbol.name} was found." if symbol else f"No file refers to {place.path}.",
            ]
        else:
            sections += ["", "No test was found by path or by reference."]
    sections += _history(place.commits)
    data: dict[str, object] = {
        "path": place.path,
        "line": place.line,
        "definition": _data(symbol) if symbol else None,
        "around": [_data(outer) for outer in place.around[:-1]],
        "used_by": [block.data for block in shown["used_by"]],
        "referring_files": list(place.referrers[:MOST_FILES]),
        "tests": [block.data for block in shown["tests"]],
        "test_files": list(place.tests[:MOST_FILES]),
        "history": [{"id": c.id, "date": iso_date(c.date), "subject": c.subject} for c in place.commits],
        "index": index_data(info),
    }
    return Reply("\n".join(sections), data)


def _history(commits: Sequence[Commit]) -> list[str]:
    """Return one line a commit, below a title; nothing without any."""
    if not commits:
        return []
    return ["", "Changed by:", *(f"{c.id[:10]} {iso_date(c.date)[:10]} {cut_line(c.subject)}" for c in commits)]


def _definition(place: Place, symbol: Symbol | None) -> list[str]:
    if symbol is None:
        top = [s for s in place.symbols if not s.container]
        return [
            f"{place.path}:{place.line} is outside of every definition.",
            *([f"The file defines {_names(top)}."] if top else []),
        ]
    first = symbol.start_line - symbol.attached_lines
    body = place.lines[first : symbol.end_line]
    numbered = [f"{first + row + 1:>6}  {cut_line(text)}" for row, text in enumerate(body[:MOST_LINES])]
    rest = len(body) - MOST_LINES
    members = [s for s in place.symbols if s.container == symbol.qualified]
    return [
        f"{place.path}:{symbol.start_line + 1}-{symbol.end_line}  {head_of(symbol, place.lines)}",
        *numbered,
        *([f"        … {rest} more lines"] if rest > 0 else []),
        *([f"In it: {_names(members)}."] if members else []),
    ]


def _names(symbols: Sequence[Symbol]) -> str:
    shown = ", ".join(f"{s.name} ({s.start_line + 1})" for s in symbols[:MOST_MEMBERS])
    return shown + (f" and {len(symbols) - MOST_MEMBERS} more" if len(symbols) > MOST_MEMBERS else "")


def _data(symbol: Symbol) -> dict[str, object]:
    return {
        "symbol": symbol.qualified,
        "kind": symbol.kind,
        "start_line": symbol.start_line + 1,
        "end_line": symbol.end_line,
    }
