"""Pairs into batches whose members are hard to tell apart, and texts with the shared words deleted. Pure.

Every other member of a batch is a negative for a pair, so a batch is put together of families: a pair, those whose code
has the most of its query's words (lexical search over all pairs), and those of the same file. That costs no encoding.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cognate.words import STOP_WORDS, stem, words

FAMILY = 8
"""Members of a family; the larger, the harder the batch, and the more negatives that would have answered as well."""

FROM_SEARCH = 4
"""Members of a family that lexical search gives, at most; the rest are of the same file."""

TOO_ALIKE = 0.6
"""Share of distinct words that two pieces of code have in common from which neither counts as wrong for the other."""

DELETED = 0.5
"""How often the shared words are deleted from the code."""

AS_IDENTIFIER = 0.5
"""How often a name is asked for as it is typed. Without that the model forgets how names look: NDCG@10 of queries that
are one name fell from 0.68 to 0.55 within 20,000 pairs."""

Row = Mapping[str, Any]


def without_shared(text: str, query: str) -> str:
    """Return an embedding text without the words that its query has, whatever their endings."""
    shared = {stem(word) for word in words(query)}
    lines = [" ".join(word for word in line.split(" ") if stem(word) not in shared) for line in text.split("\n")]
    return "\n".join(lines).strip()


def pair_of(row: Row, generator: random.Random) -> tuple[str, str]:
    """Return what the encoder reads of a pair this time: the query, and the definition or its chunk.

    A name's words are asked for as one identifier, which the code then has, or as words, and then the code has not.
    """
    if row["kind"] == "name":
        if generator.random() < AS_IDENTIFIER:
            return as_identifier(row["query"].split(), generator), row["chunk"]
        return row["query"], without_shared(row["text"], row["query"]) or row["text"]
    text = row["text"] if generator.random() < 0.5 else row["chunk"]
    if generator.random() < DELETED:
        text = without_shared(text, row["query"]) or text
    return row["query"], text


def as_identifier(parts: Sequence[str], generator: random.Random) -> str:
    """Return words as one name, in one of the usual styles."""
    capitals = [part.capitalize() for part in parts]
    return generator.choice(["_".join(parts), "".join(capitals), parts[0] + "".join(capitals[1:])])


def telling_words(query: str) -> list[str]:
    """Return the words that lexical search looks for."""
    return list(dict.fromkeys(stem(word) for word in words(query) if word not in STOP_WORDS))


def families(rows: Sequence[Row], neighbours: Sequence[Sequence[int]], generator: random.Random) -> Iterator[list[int]]:
    """Yield all rows once, by number, in families.

    Args:
        rows: the pairs.
        neighbours: by row, the rows that lexical search finds for its query, best first.
        generator: decides who comes first.
    """
    by_file: dict[tuple[str, str], list[int]] = {}
    for number, row in enumerate(rows):
        by_file.setdefault((row["package"], row["path"]), []).append(number)
    order = list(range(len(rows)))
    generator.shuffle(order)
    free = set(order)
    for first in order:
        if first not in free:
            continue
        free.discard(first)
        family = [first]
        others = by_file[rows[first]["package"], rows[first]["path"]]
        for candidates, limit in ((neighbours[first], 1 + FROM_SEARCH), (others, FAMILY)):
            for number in candidates:
                if len(family) >= limit:
                    break
                if number in free:
                    free.discard(number)
                    family.append(number)
        yield family


def batches(
    rows: Sequence[Row], neighbours: Sequence[Sequence[int]], size: int, generator: random.Random
) -> Iterator[list[int]]:
    """Yield batches of row numbers; each row is in one, but for a rest smaller than a batch."""
    together = list(families(rows, neighbours, generator))
    generator.shuffle(together)
    batch: list[int] = []
    for family in together:
        batch += family
        if len(batch) >= size:
            yield batch[:size]
            batch = batch[size:]


def wrongly_wrong(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Return the places (i, j) of a batch where j's code may answer i's query as well: the same code, or nearly."""
    told = [frozenset(row["chunk"].split()) for row in rows]
    by_query: dict[frozenset[str], list[int]] = {}
    for number, row in enumerate(rows):
        by_query.setdefault(frozenset(telling_words(row["query"])), []).append(number)
    found = {(i, j) for group in by_query.values() for i in group for j in group if i != j}
    for i, one in enumerate(told):
        for j in range(i):
            least = min(len(one), len(told[j]))
            if least and len(one & told[j]) >= TOO_ALIKE * least:
                found |= {(i, j), (j, i)}
    return sorted(found)
