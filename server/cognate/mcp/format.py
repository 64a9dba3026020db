"""How answers read to a model: text grouped by file within a number of tokens, and the same as data. Pure.

Tokens are estimated, as every model counts its own: one for every 3.5 bytes of UTF-8, rounded up. That is meant to be
high for source code in English words, so that a text is rather shorter than was asked for than longer.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cognate.types import Hit, IndexInfo, State, Symbol, also

BYTES_A_TOKEN = 3.5
LONGEST_LINE = 200  # Characters of a line; what is longer is data.
NOTE_TOKENS = 60  # Kept free for the lines that say what was cut and how far the index is.
COPIES_NAMED = 2
MOST_BYTES_OF_A_HEAD = 160  # Of a signature.

Lines = Callable[[str], Sequence[str]]
"""Returns the lines of a file as it is on disk; none when it cannot be read."""

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a tool answers.

    Attributes:
        text: for the model.
        data: the same for the host, as JSON takes it.
        is_error: whether the question could not be answered as it was asked.
    """

    text: str
    data: Mapping[str, object] = field(default_factory=dict[str, object])
    is_error: bool = False


def tokens_of(text: str) -> int:
    """Return how many tokens a text has at most, as far as can be told without a model's tokenizer."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_A_TOKEN)


def cut_line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return one line without what acts on a terminal, and not too long."""
    clean = _UNSAFE.sub("�", text.rstrip())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Block:
    """One place of an answer: the line that names it, its focus line, that with lines around it, and its data."""

    head: str
    lines: tuple[str, ...]
    more: tuple[str, ...]
    data: Mapping[str, object]


def blocks_of(hits: Sequence[Hit], lines: Lines, query: str = "") -> list[Block]:
    """Return a block for each hit, those of one file beside each other, files in the order of their best hit."""
    order = {path: rank for rank, path in enumerate(dict.fromkeys(hit.path for hit in hits))}
    return [_block(hit, lines, query) for hit in sorted(hits, key=lambda hit: order[hit.path])]


def _block(hit: Hit, lines: Lines, query: str) -> Block:
    start, end = span_of(hit)
    cell = "" if hit.cell is None else f" cell {hit.cell + 1}"
    what = head_of(hit.symbol, () if hit.cell is not None else lines(hit.path)) if hit.symbol is not None else ""
    marks = [
        "stale: the file has changed since it was indexed" if hit.stale else "",
        f"the same text in {_places([copy.path for copy in hit.copies])}" if hit.copies else "",
        f"found as “{hit.found_by}”" if hit.found_by not in (None, query) else "",
    ]
    marked = "".join(f"  [{mark}]" for mark in marks if mark)
    preview = _numbered(hit)
    focus = tuple(line for number, line in preview if number == hit.focus_line)
    data: dict[str, object] = {
        "path": hit.path,
        "start_line": start,
        "end_line": end,
        "focus_line": hit.focus_line + 1,
        "focus_text": cut_line(hit.focus_text.strip()),
        "symbol": hit.symbol.qualified if hit.symbol else None,
        "kind": hit.symbol.kind if hit.symbol else None,
        "language": hit.language,
        "score": round(hit.score, 3),
    }
    if hit.cell is not None:
        data["cell"] = hit.cell + 1
    if hit.stale:
        data["stale"] = True
    if hit.copies:
        data["copies"] = [f"{copy.path}:{copy.start_line + 1}-{copy.end_line}" for copy in hit.copies]
    head = f"{hit.path}{cell}:{start}-{end}{'  ' if what else ''}{what}{marked}"
    return Block(head, focus, tuple(line for _, line in preview), data)


def span_of(hit: Hit) -> tuple[int, int]:
    """Return the first and last line to read, counted from 1: the definition's where its focus is inside one."""
    symbol = hit.symbol
    if symbol is not None and symbol.start_line <= hit.focus_line < symbol.end_line:
        return symbol.start_line + 1, symbol.end_line
    return hit.start_line + 1, hit.end_line


def head_of(symbol: Symbol, lines: Sequence[str]) -> str:
    """Return a definition's first line as written, up to its parameters' end; else its kind and name."""
    named = f"{symbol.kind} {symbol.qualified}"
    if symbol.start_line >= len(lines) or symbol.name not in lines[symbol.start_line]:
        return named
    head = lines[symbol.start_line].strip()
    for line in lines[symbol.start_line + 1 : min(symbol.start_line + 8, symbol.end_line)]:
        if head.count("(") <= head.count(")"):
            break
        head += ("" if head.endswith("(") else " ") + line.strip()
    within = f"  (in {symbol.container})" if symbol.container else ""
    return cut_line(head.rstrip("{: "), MOST_BYTES_OF_A_HEAD) + within


def _numbered(hit: Hit) -> list[tuple[int, str]]:
    """Return the lines of a preview with their numbers, without those that are empty at its ends."""
    texts = hit.preview.split("\n")
    at = next((row for row, text in enumerate(texts) if text == hit.focus_text), 0)
    first = max(hit.focus_line - at, hit.start_line)
    rows = [(first + row, text) for row, text in enumerate(texts)]
    while rows and not rows[-1][1].strip() and rows[-1][0] != hit.focus_line:
        rows.pop()
    while rows and not rows[0][1].strip() and rows[0][0] != hit.focus_line:
        rows.pop(0)
    return [(number, f"{number + 1:>6}  {cut_line(text)}") for number, text in rows]


def _places(paths: Sequence[str]) -> str:
    return ", ".join(paths[:COPIES_NAMED]) + also(max(0, len(paths) - COPIES_NAMED))


def fitted(blocks: Sequence[Block], max_tokens: int, notes: Sequence[str] = ()) -> tuple[str, list[Block]]:
    """Return the text of blocks that fits, and the blocks in it.

    Every block gets its head and focus line before any gets the lines around it. A line at the end counts what had no
    room. The first block is always there.

    Args:
        blocks: best first.
        max_tokens: for the text as a whole.
        notes: sentences that stand above.
    """
    room = max_tokens - sum(tokens_of(note) + 1 for note in notes) - NOTE_TOKENS
    short = [_text(block.head, block.lines) for block in blocks]
    shown = 0
    for text in short:
        cost = tokens_of(text) + 1
        if shown and cost > room:
            break
        room -= cost
        shown += 1
    texts = short[:shown]
    for row, block in enumerate(blocks[:shown]):
        whole = _text(block.head, block.more)
        cost = tokens_of(whole) - tokens_of(texts[row])
        if 0 < cost <= room:
            texts[row] = whole
            room -= cost
    left = len(blocks) - shown
    cut = [f"[{left} more left out to stay within {max_tokens} tokens: raise max_tokens, or narrow with paths]"]
    return "\n".join([*notes, *texts, *(cut if left else [])]), list(blocks[:shown])


def _text(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *lines])


def index_note(info: IndexInfo) -> str:
    """Return a sentence on what an answer cannot know yet; empty when the index is complete."""
    if info.state is State.LEXICAL_ONLY:
        return (
            "Index: there is no model, so words answer, and meaning by the translation table alone; "
            "name likely identifiers."
        )
    if info.state is State.PAUSED:
        return "Index: paused, so what changed lately may be missing."
    if info.state is State.ERROR:
        return "Index: it cannot be used; `cognate status` says why."
    by_model, by_words = info.percentages
    if info.chunks and by_model < 100:  # noqa: PLR2004
        rest = "answer for the rest" if by_words == 100 else f"cover {by_words} % of the folder"  # noqa: PLR2004
        covered = f"meaning covers {by_model} % of {info.chunks:,} chunks so far"
        return f"Index: {covered}; words and the translation table {rest}."
    if info.state in {State.INDEXING, State.EMPTY}:
        return f"Index: {info.summary}; more files are still being read."
    return ""


def index_data(info: IndexInfo) -> Mapping[str, object]:
    """Return the state of an index as JSON takes it."""
    return {
        "state": info.state.value,
        "coverage": round(info.coverage, 4),
        "word_coverage": round(info.word_coverage, 4),
        "chunks": info.chunks,
        "generation": info.generation,
    }
