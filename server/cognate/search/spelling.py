"""Reads a query whose words the workspace does not know as the nearest words that it does: ``conect_timout``.

Asks the lexical index which chunks hold a word one or two edits away, and takes the commonest such word from them. A
word that the workspace knows is never changed, nor one of a sentence that the model knows: "tower" is no typo for
"lower" where nothing is called a tower. Works on one snapshot; any thread.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import Snapshot
from cognate.search.query import Query, read_query
from cognate.words import IDENTIFIER, edit_distance, identifiers, split_identifier, stem

SHORTEST = 5  # Shorter words have neighbours everywhere,
SHORTEST_PART = 3  # unless they are part of a name that is near as a whole.
TWO_EDITS_FROM = 8  # Characters of a word in which two typos are likelier than another word.
CHUNKS_READ = 20


def corrected(snapshot: Snapshot, query: Query, encoder: Encoder | None) -> Query:
    """Return the query with its unknown words replaced, or the same query when there are none to replace."""
    is_spelled = _never if encoder is None else encoder.knows
    pieces: list[str] = []
    end = 0
    for found in IDENTIFIER.finditer(query.text):
        pieces += (query.text[end : found.start()], _corrected(snapshot, found[0], is_spelled))
        end = found.end()
    text = "".join((*pieces, query.text[end:]))
    return query if text == query.text else replace(read_query(text), scope=query.scope)


def _never(_word: str) -> bool:
    return False


def _corrected(snapshot: Snapshot, identifier: str, is_spelled: Callable[[str], bool]) -> str:
    parts = split_identifier(identifier)
    unknown = [part for part in parts if _is_unknown(snapshot, part)]
    if len(parts) > 1 and unknown and (whole := _nearest(snapshot, identifier.lower(), identifiers)) is not None:
        return whole
    for part in unknown:
        if len(part) < SHORTEST or is_spelled(part):
            continue
        near = _nearest(snapshot, part, _words_of)
        if near is not None:
            start = identifier.lower().index(part)
            identifier = identifier[:start] + near + identifier[start + len(part) :]
    return identifier


def _is_unknown(snapshot: Snapshot, word: str) -> bool:
    is_word = len(word) >= SHORTEST_PART and word.isascii() and word.isalpha()
    return is_word and not snapshot.lexical.document_frequency(stem(word))


def _words_of(text: str) -> Iterator[str]:
    for identifier in identifiers(text):
        yield from split_identifier(identifier)


def _nearest(snapshot: Snapshot, word: str, read: Callable[[str], Iterable[str]]) -> str | None:
    """Return the nearest and then commonest word of the workspace that ``read`` gives, None when none is near."""
    limit = 2 if len(word) >= TWO_EDITS_FROM else 1
    counts: Counter[str] = Counter()
    for record in snapshot.read(snapshot.lexical.chunks_with_words_like(stem(word), limit, CHUNKS_READ)):
        counts.update(read(record.chunk.text))
    near = [(distance, -count, known) for known, count in counts.items()
            if (distance := edit_distance(word, known.lower(), limit)) <= limit]  # fmt: skip
    return min(near)[2] if near else None
