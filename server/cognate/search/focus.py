"""The line inside a chunk that answers best, and the few lines around it to show. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from cognate.languages.registry import COMMENT_STARTS, IMPORT_STARTS
from cognate.search.query import Query
from cognate.types import Chunk, Symbol
from cognate.words import identifiers, root, split_identifier, stands_whole, stem

PREVIEW_LINES = 5
LITERAL_BONUS = 6.0  # A line that holds what was typed, letter by letter, answers before any other,
PART_BONUS = 2.0  # but as part of a longer name it is something else.
EXACT_CASE_BONUS = 2.0
DEFINITION_BONUS = 1.5  # Between lines that match alike, the one that defines.
COMMENT_DISCOUNT = 0.7  # Code shows where something happens; a comment only says it.
IMPORT_DISCOUNT = 0.5
TIE = 1e-9  # Scores that differ by less are the same, added up in another order.


def focus_line(query: Query, chunk: Chunk, idf: Mapping[str, float]) -> int:
    """Return the line of the chunk, counted as the chunk's own lines are, that answers best; ties go to the first.

    Without any word in common it is the chunk's first definition, else its first line with text.
    """
    lines = chunk.text.split("\n")
    definitions = {symbol.start_line - chunk.start_line: symbol for symbol in chunk.symbols}
    wanted = frozenset(query.words)
    lowered = chunk.text.lower()
    roots = [(start, idf.get(word, 1.0)) for word in query.words if (start := root(word)) in lowered]
    literals = [literal.lower() for literal in query.literals if literal.lower() in lowered]
    bounds: list[tuple[float, int]] = []
    # No word can match a line that does not even hold its root; a word may not be looked for across lines.
    for row, line in enumerate(lowered.split("\n") if roots or literals else ()):
        at_most = sum([weight for start, weight in roots if start in line])
        if literals:
            at_most += (LITERAL_BONUS + EXACT_CASE_BONUS) * sum([literal in line for literal in literals])
        if at_most:
            if row in definitions:
                at_most += DEFINITION_BONUS * len(wanted)
            bounds.append((-at_most, row))
    best_score, best = 0.0, -1
    for bound, row in sorted(bounds):
        if -bound < best_score - TIE:
            break
        score = _line_score(query, wanted, lines[row], definitions.get(row), idf)
        if score > best_score + TIE or (score > best_score - TIE and score > 0.0 and row < best):
            best_score, best = score, row
    if best < 0:
        best = min((row for row in definitions if 0 <= row < len(lines)), default=0) or first_text(lines)
    return chunk.start_line + best


def _line_score(
    query: Query, wanted: frozenset[str], line: str, definition: Symbol | None, idf: Mapping[str, float]
) -> float:
    stripped = line.strip()
    if not stripped:
        return 0.0
    score = sum(idf.get(word, 1.0) for word in wanted & _stems_of(stripped))
    lowered = stripped.lower()
    for literal in query.literals:
        if literal.lower() in lowered:
            whole = LITERAL_BONUS if stands_whole(literal.lower(), lowered) else PART_BONUS
            score += whole + (EXACT_CASE_BONUS if literal in stripped else 0.0)
    if not score:
        return 0.0
    if definition is not None:
        named = {stem(part) for part in split_identifier(definition.name)} & wanted
        score += DEFINITION_BONUS * len(named)
    if stripped.startswith(COMMENT_STARTS) and not stripped.startswith("#include"):
        score *= COMMENT_DISCOUNT
    elif stripped.startswith(IMPORT_STARTS):
        score *= IMPORT_DISCOUNT
    return score


@lru_cache(maxsize=1 << 12)
def _stems_of(line: str) -> frozenset[str]:
    """Return the stemmed words of a line; while somebody types, the same lines come again with every letter."""
    parts = {part for identifier in identifiers(line) for part in split_identifier(identifier)}
    return frozenset(map(stem, parts))


def preview(chunk: Chunk, line: int) -> str:
    """Return the focus line with a few lines around it, all inside the chunk."""
    lines = chunk.text.split("\n")
    row = min(max(line - chunk.start_line, 0), len(lines) - 1)
    start = max(0, min(row - PREVIEW_LINES // 2, len(lines) - PREVIEW_LINES))
    return "\n".join(lines[start : start + PREVIEW_LINES])


def first_text(lines: Sequence[str]) -> int:
    """Return the number of the first line with text, 0 where none has any."""
    return next((row for row, line in enumerate(lines) if line.strip()), 0)


def innermost(symbols: Iterable[Symbol], line: int) -> Symbol | None:
    """Return the innermost of the definitions around a line, None outside of all."""
    around = (symbol for symbol in symbols if symbol.start_line <= line < symbol.end_line)
    return max(around, key=lambda symbol: (symbol.start_line, -symbol.end_line), default=None)


def symbol_at(chunk: Chunk, line: int) -> Symbol | None:
    """Return the innermost definition of the chunk around a line, else the one whose comment or decorator it is in."""
    around = innermost(chunk.symbols, line)
    if around is not None:
        return around
    attached = [s for s in chunk.symbols if s.start_line - s.attached_lines <= line < s.start_line]
    return min(attached, key=lambda s: s.start_line, default=None)


def lines_of(chunk: Chunk, start_line: int, end_line: int, container: str) -> Chunk:
    """Return some of a chunk's lines as a chunk; ``container`` is that of the definition that they are."""
    lines = chunk.text.split("\n")[start_line - chunk.start_line : end_line - chunk.start_line]
    inside = tuple(symbol for symbol in chunk.symbols if start_line <= symbol.start_line < end_line)
    return Chunk(start_line, end_line, "\n".join(lines), inside, container, chunk.cell, chunk.language)
