"""Words of the workspace that are near a query by meaning, for answers that are weak. Any thread, one snapshot."""

from collections.abc import Sequence

import numpy as np

from cognate.arrays import Vector
from cognate.index.snapshot import Snapshot
from cognate.search.query import Query
from cognate.types import NO_ADVICE, Advice
from cognate.words import stem, words

WEAK_SCORE = 0.3
"""An answer is weak when its best score is lower, or there is none. Of 361 labelled queries 101 are weak: 96 of the 109
paraphrases and 5 of the 252 others. 77 % of them miss all that is right, of the others 8 %."""

MOST_WORDS = 5
NEAR = 0.35
"""The least nearness of a word: the cosine of query and word plus that of query and the code that is named so. Every
weak labelled query has a word as near, three of five questions about something else have. It is the shipped model's."""

LOOKED_AT = 100
"""Words, the nearest by the model, whose order the translation table has a say in; each takes 30 microseconds."""

TABLE_WEIGHT = 0.5
"""How much the table's cosine of query and word counts beside the model's nearness. It does not decide whether a word
is near: for questions about something else it finds words as near as for others."""

COMMONEST = 0.5
"""Words that a larger share of the chunks have tell none of them apart."""


def is_weak(scores: Sequence[float]) -> bool:
    """Return whether an answer with these scores is likely to miss what was meant."""
    return not scores or scores[0] < WEAK_SCORE


def near_words(snapshot: Snapshot, query: Query, vector: Vector | None) -> tuple[str, ...]:
    """Return at most MOST_WORDS words of the workspace that are near a query's vector and not in it, the nearest first.

    Without a vector no word is near.
    """
    vocabulary, lexical = snapshot.vocabulary(), snapshot.lexical
    if vector is None or not vocabulary.words:
        return ()
    nearness = vocabulary.vectors @ vector
    rows = np.argsort(-nearness, kind="stable")[:LOOKED_AT]
    rows = rows[nearness[rows] >= NEAR]
    near = [vocabulary.words[row] for row in rows.tolist()]
    points = nearness[rows] + TABLE_WEIGHT * snapshot.translated.compared_words(query.text, near)
    known = set(map(stem, words(query.text)))
    found: list[str] = []
    for word in (near[position] for position in np.argsort(-points, kind="stable").tolist()):
        if len(found) == MOST_WORDS:
            break
        stemmed = stem(word)
        if stemmed not in known and 0 < lexical.document_frequency(stemmed) <= COMMONEST * lexical.n_chunks:
            known.add(stemmed)
            found.append(word)
    return tuple(found)


def advice_of(near: Sequence[str]) -> Advice:
    """Return what to say of words that are near a query, if there are any."""
    return Advice(f"This workspace says: {', '.join(near)}.", tuple(near)) if near else NO_ADVICE
