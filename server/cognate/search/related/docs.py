"""What prose says of a definition. Any thread, one snapshot."""

import re

from cognate.languages.registry import MARKDOWN, TEXT, entry_of
from cognate.search.focus import first_text
from cognate.search.related.place import Candidate, Place, ids_of, words_holding
from cognate.types import ChunkId, ChunkRecord
from cognate.words import split_identifier
from cognate.workspace.path_facts import path_facts

# What prose says of a definition: its name with its type's, as code, as a word that is no other word, or as any word.
QUALIFIED = 0.95
AS_CODE = 0.85
AS_NAME = 0.75
AS_WORD = 0.3
BY_MEANING = 0.55  # At most, of prose that does not name it.
LEAST_OF_DOCS = 0.2
IN_CHANGES = 0.6  # A list of changes names everything once.

MOST_COMPARED = 10_000  # Chunks of a workspace in which prose alone is looked at; in a larger one that takes longer.
NAMING_CHUNKS = 60  # Of prose alone, by the words of the name ...
NEAR_CHUNKS = 20  # ... and by meaning.
MORE_NAMING = 400  # The same of everything; what is no prose is left out afterwards.
MORE_NEAR = 150

_PROSE = frozenset({"asciidoc", "latex", MARKDOWN, "mdx", "org", "rst", "typst"})
_CHANGES = re.compile(r"(?i)(change|history|news|release|whatsnew)[^/]*$|(^|/)(changelog|changes|releases)/")


def docs(place: Place, allowed: frozenset[ChunkId] | None) -> list[Candidate]:
    """Return prose that names a definition, or that is near it by meaning."""
    snapshot = place.snapshot
    numbers = _prose_near(place, allowed)
    records = snapshot.read(numbers)
    like = place.likeness(numbers)
    found: list[Candidate] = []
    for record in records:
        named, line = _named_in(place, record)
        changes = IN_CHANGES if _CHANGES.search(record.path) else 1.0
        points = max(named * (0.8 + 0.2 * like[record.id]), BY_MEANING * like[record.id]) * changes
        if points >= LEAST_OF_DOCS:
            why = {"named": named, "similarity": like[record.id]}
            found.append(Candidate(record, line, points, why))
    return found


def _prose_near(place: Place, allowed: frozenset[ChunkId] | None) -> list[ChunkId]:
    """Return chunks of prose that hold the name's words, and those nearest by meaning.

    In a small workspace they are sought in prose alone; in a large one that takes longer than to look at more of
    everything.
    """
    snapshot = place.snapshot
    wanted = dict.fromkeys(words_holding(place.name), 1.0)
    if place.owner:
        wanted.update((word, 0.5) for word in words_holding(place.owner))
    is_small = snapshot.n_chunks <= MOST_COMPARED
    among = None
    if is_small:
        prose = ids_of(snapshot, [path for path, entry in snapshot.files.items() if _is_prose(path, entry.language)])
        among = frozenset(prose if allowed is None else allowed.intersection(prose))
    limits = (NAMING_CHUNKS, NEAR_CHUNKS) if is_small else (MORE_NAMING, MORE_NEAR)
    found = list(snapshot.lexical.score_chunks(wanted, {"body": 1.0}, limits[0], among))
    if place.vector is not None:
        found += snapshot.vectors.nearest(place.vector, limits[1], among)[0].tolist()
    if among is not None:
        return list(dict.fromkeys(found))
    paths = {number: snapshot.path_of(number) for number in found if allowed is None or number in allowed}
    return [n for n, path in paths.items() if path is not None and _is_prose(path, snapshot.files[path].language)]


def _is_prose(path: str, language: str) -> bool:
    if language in _PROSE or entry_of(language).dialect_of in _PROSE:
        return True
    return language == TEXT and "docs" in path_facts(path).kinds


def _named_in(place: Place, record: ChunkRecord) -> tuple[float, int]:
    """Return how surely prose names a definition, 0 to 1, and the line that does; else the first line with text."""
    name, owner = re.escape(place.name), re.escape(place.owner)
    lines = record.chunk.text.split("\n")
    best, row = 0.0, first_text(lines)
    if place.name in record.chunk.text:
        whole = re.compile(rf"(?<![\w$]){name}(?![\w$])")
        qualified = re.compile(rf"(?<![\w$]){owner}(?:\.|::|#|->){name}(?![\w$])") if owner else None
        marked = re.compile(rf"[`.:~]{name}(?:\(\))?`|(?<![\w$]){name}\(|::\s+[\w.]*{name}\b|`[^`]*\b{name}\b[^`]*`")
        is_a_name = len(split_identifier(place.name)) > 1 or place.name.strip("_") != place.name.lower()
        for i, line in enumerate(lines):
            if place.name not in line or not whole.search(line):
                continue
            if qualified is not None and qualified.search(line):
                points = QUALIFIED
            elif marked.search(line):
                points = AS_CODE if is_a_name or not owner else AS_CODE * 0.8
            else:
                points = AS_NAME if is_a_name else AS_WORD
            if owner and points < QUALIFIED and place.owner not in record.chunk.text:
                points *= 0.8
            if points > best:
                best, row = points, i
    return best, record.chunk.start_line + row
