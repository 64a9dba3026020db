"""Who uses a definition: code that holds its name and means it. Any thread, one snapshot."""

from collections.abc import Iterable, Mapping

from cognate.search.declarations import CALLABLE
from cognate.search.related.place import DATA, Candidate, Place, ids_of, is_test, part_around, words_holding
from cognate.search.related.resolution import LEAST, LIKENESS_SHARE, files_using, fit_of_use, links_of, may_use
from cognate.search.related.uses import SELVES, Use, is_local, uses_of
from cognate.types import ChunkId, ChunkRecord

LINKED_CHUNKS = 150  # Looked at in files that are linked to the definition's ...
OTHER_CHUNKS = 100  # ... and in all others; most names stand in fewer.
MOST_LINKED_IDS = 6000  # Beyond it, asking the index for these chunks alone takes longer than reading more of all.
IN_TEST = 0.7  # Share of a caller's points in a test: what tests call is asked for by a kind of its own.


def callers(place: Place, allowed: frozenset[ChunkId] | None) -> list[Candidate]:
    """Return code that uses a definition."""
    found = used(place, allowed)
    return [
        Candidate(c.record, c.line, c.points * IN_TEST, c.why) if is_test(c.record, c.line) and not place.is_test else c
        for c in found
    ]


def used(place: Place, allowed: frozenset[ChunkId] | None, also: Iterable[str] = ()) -> list[Candidate]:
    """Return the code that uses a definition, each piece with its best use, from all chunks or those allowed.

    Linked files are looked at first, those that the reference graph links and others that are named.
    """
    snapshot = place.snapshot
    links = links_of(place)
    records = snapshot.read(number for number in _holding(place, links, also) if allowed is None or number in allowed)
    records = [r for r in records if may_use(place, r, links)]
    files = files_using(place, records, links)
    best: dict[tuple[str, int | None, int], tuple[float, Use, int, ChunkRecord]] = {}
    for record in records:
        chunk = record.chunk
        declared = {(s.start_line, s.name) for s in chunk.symbols}
        language = chunk.language or record.language
        for use in uses_of(place.name, chunk.text, language):
            line = chunk.start_line + use.row
            if place.holds(record.path, line) and chunk.cell is None:
                continue
            if place.inside is not None and not (place.inside.start_line <= line < place.inside.end_line):
                continue
            if (line, place.name) in declared and use.qualifier not in SELVES:
                declared.discard((line, place.name))
                continue
            fit = fit_of_use(place, files[record.path], record, use, line)
            if fit < LEAST:
                continue
            part = part_around(record, line)
            if not use.qualifier and place.symbol.kind not in DATA and _is_local(place, part):
                continue
            key = (record.path, chunk.cell, part.chunk.start_line)
            known = best.get(key)
            if known is None or fit > known[0]:
                best[key] = (fit, use, line, part)
    like = place.likeness(part.id for _, _, _, part in best.values())
    found: list[Candidate] = []
    for fit, _, line, part in best.values():
        points = fit * (1.0 - LIKENESS_SHARE + LIKENESS_SHARE * like[part.id])
        link = files[part.path].link
        found.append(Candidate(part, line, points, {"use": fit, "link": link, "similarity": like[part.id]}))
    return found


def _is_local(place: Place, part: ChunkRecord) -> bool:
    """Return whether a name is a parameter or a variable of the function that uses it."""
    symbol = part.chunk.symbols[0] if part.chunk.symbols else None
    if symbol is None or symbol.kind not in CALLABLE or symbol.start_line < part.chunk.start_line:
        return False
    lines = part.chunk.text.split("\n")[symbol.start_line - part.chunk.start_line :]
    return is_local(place.name, "\n".join(lines))


def _holding(place: Place, links: Mapping[str, float], also: Iterable[str]) -> list[ChunkId]:
    """Return chunks whose words are those of the name, in linked files first."""
    if place.inside is not None:
        return list(place.snapshot.ids_in(place.path))
    snapshot = place.snapshot
    wanted = dict.fromkeys(words_holding(place.name), 1.0)
    if place.owner:
        wanted.update((word, 0.3) for word in words_holding(place.owner) if word not in wanted)
    found: dict[ChunkId, None] = {}
    near = list(ids_of(snapshot, dict.fromkeys([place.path, *also, *links])))[:MOST_LINKED_IDS]
    if near:
        found.update(dict.fromkeys(snapshot.lexical.score_chunks(wanted, {"body": 1.0}, LINKED_CHUNKS, near)))
    found.update(dict.fromkeys(snapshot.lexical.score_chunks(wanted, {"body": 1.0}, OTHER_CHUNKS)))
    return list(found)
