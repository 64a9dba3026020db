"""Parsers and compiled queries, by grammar name.

The only file that imports tree_sitter and tree_sitter_language_pack, and not before the first file is parsed.
Any thread may call in: a parser belongs to one thread, languages and queries are shared and never change.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from cognate.chunking.grammars import unpack
from cognate.languages.registry import entry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Language, Parser, Query, Range
    from tree_sitter import Node as Node  # noqa: PLC0414 - for the rest of the room, too
    from tree_sitter import Tree as Tree  # noqa: PLC0414

    Match = tuple[int, dict[str, list[Node]]]

log = logging.getLogger(__name__)

BASE_STEPS = 2000
BYTES_A_STEP = 4  # A step is 100 operations of the parser; ordinary code takes one for 30 to 250 bytes.
MAX_SECONDS = 2.0  # Of the thread's processor time, so a busy machine changes nothing; a megabyte of code takes 0.3.
STEPS_A_LOOK = 16  # A step takes microseconds, and looking at the clock as long as half of it.
YAML_WIDTH = 200  # Characters; the shortest line that can crash the YAML parser has about 250.

_BRACES = re.compile(r"[{}]")
_YAML_OPENERS = re.compile(r"[-?:]\s")
_KEYWORD = re.compile(r"[A-Za-z_]\w+")
_lock = threading.Lock()
_languages: dict[str, Language | None] = {}
_queries: dict[tuple[str, str], Query | None] = {}
_local = threading.local()


class Cut(NamedTuple):
    """What of a text is to be parsed, as if the rest was not there.

    Attributes:
        spans: its bytes, as runs in order.
        line_starts: where each line of the whole text starts, in bytes.
        limit: when to give up, as ``time_limit`` says it, where several cuts share their time.
    """

    spans: Sequence[tuple[int, int]]
    line_starts: Sequence[int]
    limit: float


def time_limit() -> float:
    """Return until when a parse that begins now may take, in processor time of this thread."""
    return time.thread_time() + MAX_SECONDS


def parse(language: str, data: bytes, old_tree: Tree | None = None, cut: Cut | None = None) -> Tree | None:
    """Parse UTF-8 text; None when there is no such grammar, or it makes no headway.

    Args:
        language: name of a grammar.
        data: the text.
        old_tree: tree of an earlier text of the same file, already told of the edits, to parse only what changed.
        cut: what of it to parse; everything when None.
    """
    parser = _parser(language)
    if parser is None:
        return None
    length = sum(end - start for start, end in cut.spans) if cut else len(data)
    budget = BASE_STEPS + length // BYTES_A_STEP
    limit = cut.limit if cut else time_limit()
    steps = 0

    def is_hopeless(_offset: int, _has_error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > budget or (steps % STEPS_A_LOOK == 0 and time.thread_time() > limit)

    whole = memoryview(data)
    given = [whole]

    def read(offset: int, _point: object) -> memoryview | bytes:
        if offset >= len(data):
            return b""
        given.append(whole[offset:])
        return given[-1]

    if cut:
        parser.included_ranges = _ranges(cut)
    try:
        if old_tree is None:
            return parser.parse(read, progress_callback=is_hopeless)
        return parser.parse(read, old_tree, progress_callback=is_hopeless)
    except ValueError:
        parser.reset()
        return None
    finally:
        if cut:
            parser.included_ranges = []
        # The binding (0.26) never lets go of what it was given to read; a view that is released holds no text.
        for view in given:
            view.release()


def _ranges(cut: Cut) -> list[Range]:
    from tree_sitter import Range  # noqa: PLC0415

    starts = cut.line_starts

    def point(offset: int) -> tuple[int, int]:
        row = bisect_right(starts, offset) - 1
        return row, offset - starts[row]

    return [Range(point(start), point(end), start, end) for start, end in cut.spans]


def edited(tree: Tree, old: bytes, new: bytes) -> Tree:
    """Return a copy of a tree, told of the one run of bytes by which two texts differ, for ``parse`` to start from."""
    start = _common(old, new)
    longest = min(len(old), len(new)) - start
    tail = _common(old[::-1][:longest], new[::-1][:longest])
    old_end, new_end = len(old) - tail, len(new) - tail
    copy = tree.copy()
    copy.edit(start, old_end, new_end, _point(old, start), _point(old, old_end), _point(new, new_end))
    return copy


def _common(one: bytes, other: bytes) -> int:
    """Return the length of the common beginning, by bisection: comparing slices runs at the speed of memory."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _point(data: bytes, offset: int) -> tuple[int, int]:
    """Return row and column, in bytes, of an offset."""
    return data.count(b"\n", 0, offset), offset - (data.rfind(b"\n", 0, offset) + 1)


def danger(language: str, text: str) -> str:
    """Say why a text must not be given to its parser; empty when it may.

    Some scanners keep what is open in a buffer of fixed size and crash the process when it overflows. YAML: about 250
    open blocks, which takes a line at least that long, deeply indented or with many ``-``, ``?`` and ``:`` in a row.
    Kotlin: strings open inside strings, each behind a ``{``.
    """
    entry = entry_of(language)
    if entry.never_parsed:
        return f"Not parsed: the parser for {language} hangs or crashes on some texts."
    if language == "yaml":
        for line in text.split("\n"):
            if len(line) > YAML_WIDTH and (
                len(line) - len(line.lstrip()) > YAML_WIDTH // 2 or len(_YAML_OPENERS.findall(line)) > YAML_WIDTH // 4
            ):
                return "Not parsed: its blocks are nested too deeply for the YAML parser."
    limit = entry.max_open_braces
    if limit and text.count("{") > limit:
        depth = 0
        for brace in _BRACES.findall(text):
            depth = depth + 1 if brace == "{" else max(0, depth - 1)
            if depth > limit:
                return f"Not parsed: more than {limit} braces are open at once, too many for the parser."
    return ""


def run_query(language: str, query: str, tree: Tree) -> list[Match]:
    """Run a query over a tree; a query that does not fit the installed grammar finds nothing."""
    compiled = _query(language, query)
    if compiled is None:
        return []
    from tree_sitter import QueryCursor  # noqa: PLC0415  (costs start-up time until a file is parsed)

    return QueryCursor(compiled).matches(tree.root_node)


def query_settings(language: str, query: str) -> list[dict[str, str | None]]:
    """Return what each pattern of a query sets with ``#set!``."""
    compiled = _query(language, query)
    return [compiled.pattern_settings(number) for number in range(compiled.pattern_count)] if compiled else []


def run_captures(language: str, query: str, tree: Tree) -> dict[str, list[Node]]:
    """Return what a query captures, by capture; a third faster than by match."""
    compiled = _query(language, query)
    if compiled is None:
        return {}
    from tree_sitter import QueryCursor  # noqa: PLC0415

    return QueryCursor(compiled).captures(tree.root_node)


def keywords(language: str) -> frozenset[bytes]:
    """Return the words of a grammar that are no names."""
    grammar = _language(language)
    kinds = range(grammar.node_kind_count) if grammar else ()
    words = (grammar.node_kind_for_id(kind) for kind in kinds if grammar and not grammar.node_kind_is_named(kind))
    return frozenset(word.encode() for word in words if word and _KEYWORD.fullmatch(word))


def _parser(language: str) -> Parser | None:
    parsers: dict[str, Parser] | None = getattr(_local, "parsers", None)
    if parsers is None:
        parsers = _local.parsers = {}
    parser = parsers.get(language)
    if parser is None:
        grammar = _language(language)
        if grammar is None:
            return None
        from tree_sitter import Parser  # noqa: PLC0415

        parser = parsers[language] = Parser(grammar)
    return parser


def _language(language: str) -> Language | None:
    with _lock:
        if language not in _languages:
            from tree_sitter_language_pack import get_language  # noqa: PLC0415

            try:
                grammar = entry_of(language).grammar or language
                unpack(grammar)
                _languages[language] = get_language(cast("Any", grammar))
            except (LookupError, ImportError, ValueError, OSError) as error:
                log.warning("No grammar for %s: %s", language, error)
                _languages[language] = None
        return _languages[language]


def _query(language: str, text: str) -> Query | None:
    grammar = _language(language)
    key = (language, text)
    with _lock:
        if key not in _queries:
            from tree_sitter import Query, QueryError  # noqa: PLC0415

            try:
                _queries[key] = Query(grammar, text) if grammar else None
            except QueryError as error:
                log.warning("A query for %s does not fit its grammar: %s", language, error)
                _queries[key] = None
        return _queries[key]
