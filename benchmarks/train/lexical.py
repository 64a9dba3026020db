"""Lexical search over pairs: for each query, the code that has its words. One tantivy index in memory."""

from collections.abc import Sequence
from typing import Any

import tantivy
from batches import Row, telling_words

from cognate.words import stem

NEIGHBOURS = 12
"""More than a family takes, since most are in families already."""


def neighbours(rows: Sequence[Row]) -> list[list[int]]:
    """Return for each pair the others whose code matches its query best by BM25, in its own language."""
    by_language: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_language.setdefault(row["language"], []).append(number)
    found: list[list[int]] = [[] for _ in rows]
    for numbers in by_language.values():
        index = indexed([rows[number]["chunk"] for number in numbers])
        for own, number in enumerate(numbers):
            places = search(index, " ".join(telling_words(rows[number]["query"])), NEIGHBOURS + 1)
            found[number] = [numbers[place] for place in places if place != own][:NEIGHBOURS]
    return found


def indexed(texts: Sequence[str]) -> Any:
    """Return an index of embedding texts by their words' stems."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text")
    builder.add_unsigned_field("place", stored=True)
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=64_000_000, num_threads=1)
    for place, text in enumerate(texts):
        stems = " ".join(stem(word) for word in text.split())
        writer.add_document(tantivy.Document.from_dict({"text": stems, "place": place}, schema))
    writer.commit()
    index.reload()
    return index


def search(index: Any, query: str, limit: int) -> list[int]:
    """Return the places of the texts that match any of the stems best, best first."""
    if not query:
        return []
    searcher = index.searcher()
    hits = searcher.search(index.parse_query_lenient(query, ["text"])[0], limit).hits
    return [int(searcher.doc(address)["place"][0]) for _, address in hits]
