"""Reads a query as the workspace spells it: ``getadapter`` as ``get_adapter``, ``conect_timout`` as the nearest words.

Asks the lexical index which chunks hold a word one or two edits away, and takes the commonest such word from them. A
word that the workspace knows is never changed, nor one of a sentence that the model knows: "tower" is no typo for
"lower" where nothing is called a tower. Works on one snapshot; any thread.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import Snapshot
from cognate.search.query import Query
from cognate.words import IDENTIFIER, edit_distance, identifiers, name_key, split_identifier, stem, words

SHORTEST = 5  # Shorter words have neighbours everywhere,
SHORTEST_PART = 3  # unless they are part of a name that is near as a whole.
TWO_EDITS_FROM = 8  # Characters of a word in which two typos are likelier than another word.
CHUNKS_READ = 20


def corrected(snapshot: Snapshot, query: Query, encoder: Encoder | None) -> Query:
    """Return the query with its unknown words replaced, or the same query when there are none to replace."""
    is_spelled = _never if encoder is None else encoder.knows
    if query.is_symbol and (whole := _in_style(snapshot, query.text)) is not None:
        return query.reread(whole)
    pieces: list[str] = []
    end = 0
    for found in IDENTIFIER.finditer(query.text):
        word = found[0]
        is_name = len(split_identifier(word)) > 1 or not is_spelled(word.lower())
        styled = _in_style(snapshot, word) if is_name else None
        pieces += (query.text[end : found.start()], styled or _corrected(snapshot, word, is_spelled))
        end = found.end()
    text = "".join((*pieces, query.text[end:]))
    return query if text == query.text else query.reread(text)


def _never(_word: str) -> bool:
    return False


def _in_style(snapshot: Snapshot, name: str) -> str | None:
    """Return a name as the workspace most often joins its words, None where it has the name as it is written, or not.

    Names that are defined come before those that are only used.
    """
    key = name_key(name)
    if len(key) < SHORTEST:
        return None
    names = [symbol.name for symbol in snapshot.symbols_of(snapshot.defining(name, CHUNKS_READ))]
    if _has(names, name):
        return None
    holding = snapshot.lexical.score_chunks([stem(key)], {"body": 1.0}, CHUNKS_READ)
    names += [used for record in snapshot.read(holding) for used in identifiers(record.chunk.text)]
    styles = Counter({used: count for used, count in Counter(names).items() if name_key(used) == key})
    return styles.most_common(1)[0][0] if styles and not _has(styles, name) else None


def _has(names: Iterable[str], name: str) -> bool:
    lowered = name.lower()
    return any(other.lower() == lowered for other in names)


def _corrected(snapshot: Snapshot, identifier: str, is_spelled: Callable[[str], bool]) -> str:
    parts = split_identifier(identifier)
    unknown = [part for part in parts if _is_unknown(snapshot, part)]
    if len(parts) > 1 and unknown and (whole := _nearest(snapshot, identifier.lower(), identifiers)) is not None:
        return whole
    for part in unknown:
        if len(part) < SHORTEST or is_spelled(part):
            continue
        near = _nearest(snapshot, part, words)
        if near is not None:
            start = identifier.lower().index(part)
            identifier = identifier[:start] + near + identifier[start + len(part) :]
    return identifier


def _is_unknown(snapshot: Snapshot, word: str) -> bool:
    is_word = len(word) >= SHORTEST_PART and word.isascii() and word.isalpha()
    return is_word and not snapshot.lexical.document_frequency(stem(word))


def _nearest(snapshot: Snapshot, word: str, read: Callable[[str], Iterable[str]]) -> str | None:
    """Return the nearest and then commonest word of the workspace that ``read`` gives, None when none is near."""
    limit = 2 if len(word) >= TWO_EDITS_FROM else 1
    counts: Counter[str] = Counter()
    for record in snapshot.read(snapshot.lexical.chunks_with_words_like(stem(word), limit, CHUNKS_READ)):
        counts.update(read(record.chunk.text))
    near = [(distance, -count, known) for known, count in counts.items()
            if (distance := edit_distance(word, known.lower(), limit)) <= limit]  # fmt: skip
    return min(near)[2] if near else None
