"""The wordings of a question: what was typed, and what else says the same. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cognate.arrays import Vector
from cognate.index.translated import Compared
from cognate.search.locations import Pointed
from cognate.search.query import Query, read_query

TOLD_APART = 2
"""So many wordings look for their own nearest chunks; of more, the mean of all but the query's own does."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a question.

    Attributes:
        query: as it was read.
        pointed: what it points at.
        vector: its meaning, None without an encoder.
        translated: how like it everything is by the translation table, None where that says nothing.
    """

    query: Query
    pointed: Pointed
    vector: Vector | None
    translated: Compared | None = None


def read_wordings(query: Query, others: Sequence[str]) -> dict[str, Query]:
    """Return other wordings of a query as they are read, by what was typed; those that repeat one are left out.

    The filters of the query hold for all; those in other wordings, and traces, do not count.
    """
    known = {"", query.text.lower()}
    found: dict[str, Query] = {}
    for typed in others:
        wording = replace(read_query(typed), scope=query.scope, frames=())
        if wording.text.lower() not in known:
            known.add(wording.text.lower())
            found[typed] = wording
    return found


def centres(vectors: Sequence[Vector | None]) -> Sequence[Vector | None]:
    """Return for each wording whose nearest chunks it looks at: the query its own, its other wordings one together.

    What is near only one of several other wordings is found by its words, or is not what the question is about.
    """
    known = [vector for vector in vectors if vector is not None]
    if len(known) <= TOLD_APART:
        return vectors
    mean = np.mean(known[1:], axis=0)
    return [known[0], mean / np.linalg.norm(mean), *[None] * (len(vectors) - 2)]
