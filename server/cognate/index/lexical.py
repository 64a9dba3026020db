"""BM25 over chunks and over whole files, as of one commit of tantivy; safe to query from any thread.

``lexical_index`` changes and commits; these two files alone import tantivy.
Text comes in as words that are already split and stemmed, so tantivy only splits at spaces.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3; k1 1.2 and b 0.75.
"""

import hashlib
import logging
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import tantivy

from cognate.errors import DamagedLexicalError
from cognate.types import ChunkId, ChunkRecord, Symbol
from cognate.words import identifiers, name_key, split_identifier, stem

log = logging.getLogger(__name__)

TERM_SET_FROM = 400
"""Up to this count numbers are looked up one by one, which takes half the time for 100; beyond it all at once."""

EXACT_BITS = 24
"""Scores are 32-bit floats, which hold integers of 24 bits exactly."""

FIELDS = ("body", "names", "path")
"""Of a chunk: its words; the words of the names it defines and of their containers; the words of its path."""


@dataclass(frozen=True, slots=True)
class LexicalChunk:
    """What the lexical index needs of a chunk: words by field, each field one string of words.

    Attributes:
        id: of the chunk.
        body: words of its text.
        names: words of the names that it defines and of their containers.
        path: words of its path.
        defines: the keys of the names that it defines, see ``name_key``.
    """

    id: ChunkId
    body: str
    names: str
    path: str
    defines: tuple[str, ...] = ()


def index_words(text: str) -> str:
    """Return the words of a text as the index holds them: split, stemmed; the keys of compound ones besides."""
    return " ".join(filter(None, map(_words_of, identifiers(text))))


@lru_cache(maxsize=1 << 16)
def _words_of(identifier: str) -> str:
    """Return what the index holds of one identifier; a folder's are few, and each stands there some twenty times."""
    parts = split_identifier(identifier)
    words = [stem(part) for part in parts]
    if len(parts) > 1:
        words.append(stem(name_key(identifier)))
    return " ".join(words)


def inverse_document_frequency(total: int, having: int) -> float:
    """Return the idf of a word that ``having`` of ``total`` chunks have, as tantivy's BM25 has it."""
    return math.log(1.0 + (total - having + 0.5) / (having + 0.5))


@dataclass(frozen=True, slots=True)
class LexicalReader:
    """The index as of one commit; safe to query from any thread."""

    chunks: Any
    files: Any
    chunk_schema: Any
    file_schema: Any

    def score_chunks(
        self,
        words: Collection[str],
        fields: Mapping[str, float],
        limit: int,
        only: Iterable[ChunkId] | None = None,
    ) -> dict[ChunkId, float]:
        """Return the best chunks' BM25 scores.

        Args:
            words: stemmed, each once.
            fields: weight of each field to look in.
            limit: how many chunks at most.
            only: score these chunks alone.
        """
        parts: list[Any] = []
        for name, weight in fields.items():
            parts.extend(self._word_queries(self.chunk_schema, name, words, weight))
        if not parts:
            return {}
        query = _any_of(parts)
        if only is not None:
            numbers = list(only)
            query = self._within(self.chunk_schema, "id", numbers, query)
            limit = min(limit, len(numbers))
        return self._run(self.chunks, query, limit, "id")

    def score_files(self, words: Collection[str], limit: int, only: Sequence[int] | None = None) -> dict[int, float]:
        """Return the best files' BM25 scores by file number; of ``only`` these files, if given."""
        parts = self._word_queries(self.file_schema, "body", words, 1.0)
        if not parts:
            return {}
        query = _any_of(parts)
        if only is not None:
            query = self._within(self.file_schema, "number", only, query)
        return self._run(self.files, query, limit, "number")

    def words_of_files(self, words: Sequence[str], numbers: Sequence[int]) -> dict[int, int]:
        """Return which of the stemmed words each file holds, as bits: the i-th word is bit i. Files without are absent.

        One query finds all: each word found adds a power of two to the score.
        """
        found: dict[int, int] = {}
        for start in range(0, len(words) if numbers else 0, EXACT_BITS):
            parts = [
                tantivy.Query.const_score_query(
                    tantivy.Query.term_query(self.file_schema, "body", word, "basic"), float(1 << bit)
                )
                for bit, word in enumerate(words[start : start + EXACT_BITS])
            ]
            query = self._within(self.file_schema, "number", numbers, _any_of(parts))
            for number, score in self._run(self.files, query, len(numbers), "number").items():
                found[number] = found.get(number, 0) | int(score) << start
        return found

    def chunks_with_words_like(self, word: str, distance: int, limit: int) -> list[ChunkId]:
        """Return some chunks that hold a word at most ``distance`` edits from a stemmed one; a swap is one edit."""
        query = tantivy.Query.fuzzy_term_query(self.chunk_schema, "body", word, distance, True)
        return list(self._run(self.chunks, query, limit, "id"))

    def chunks_defining(self, name: str, limit: int) -> list[ChunkId]:
        """Return chunks that define a name, in any style of writing, at most ``limit``, in the order of ids."""
        query = tantivy.Query.term_query(self.chunk_schema, "defines", name_key(name), "basic")
        return sorted(self._run(self.chunks, query, limit, "id"))

    def document_frequency(self, word: str, field: str = "body") -> int:
        """Return in how many chunks a stemmed word stands, by the field to look in."""
        return self.chunks.doc_freq(field, word)

    @property
    def n_chunks(self) -> int:
        """Number of chunks in the index."""
        return self.chunks.num_docs

    @property
    def n_files(self) -> int:
        """Number of files in the index."""
        return self.files.num_docs

    def chunk_ids(self) -> frozenset[ChunkId]:
        """Return the ids of all chunks in the index."""
        return frozenset(self._run(self.chunks, tantivy.Query.all_query(), self.n_chunks, "id"))

    def file_numbers(self) -> frozenset[int]:
        """Return the numbers of all files in the index."""
        return frozenset(self._run(self.files, tantivy.Query.all_query(), self.n_files, "number"))

    @staticmethod
    def _within(schema: Any, key: str, numbers: Sequence[int], query: Any) -> Any:
        """Return a query that scores the same, for these documents alone."""
        if len(numbers) > TERM_SET_FROM:
            allowed = tantivy.Query.term_set_query(schema, key, list(numbers))
        else:
            allowed = _any_of([tantivy.Query.term_query(schema, key, number, "basic") for number in numbers])
        none = tantivy.Query.const_score_query(allowed, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, none)])

    @staticmethod
    def _word_queries(schema: Any, field: str, words: Collection[str], weight: float) -> list[Any]:
        return [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, word, "freq"), weight) for word in words
        ]

    @staticmethod
    def _run(searcher: Any, query: Any, limit: int, key: str) -> dict[int, float]:
        if limit < 1 or not searcher.num_docs:
            return {}
        try:
            found = searcher.search(query, limit, count=False).hits
            numbers = searcher.fast_field_values(key, [address for _, address in found])
        except BaseException as error:
            if not is_native_failure(error):
                raise
            raise DamagedLexicalError(f"The lexical index cannot be read ({short(error)})") from error
        return {int(number): float(score) for number, (score, _) in zip(numbers, found, strict=True)}


def lexical_chunk(record: ChunkRecord) -> LexicalChunk:
    """Return what the lexical index needs of a chunk."""
    chunk = record.chunk
    names = " ".join(index_words(f"{symbol.container} {symbol.name}") for symbol in chunk.definitions)
    if chunk.container:
        names = f"{names} {index_words(chunk.container)}"
    without_suffix, _, _ = record.path.rpartition(".")
    path = index_words(without_suffix or record.path)
    return LexicalChunk(record.id, index_words(chunk.text), names, path, defined_names(chunk.definitions))


def defined_names(symbols: Iterable[Symbol]) -> tuple[str, ...]:
    """Return the names of definitions as they are looked up: by their keys, each once."""
    return tuple(dict.fromkeys(name_key(symbol.name) for symbol in symbols))


def is_native_failure(error: BaseException) -> bool:
    """Whether tantivy reports a fault of the disk or of its files; its panics derive from BaseException alone."""
    return isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException"


def short(error: BaseException) -> str:
    """Return the message of one of tantivy's failures on one line."""
    return " ".join(str(error).split())[:200]


@lru_cache(maxsize=1 << 16)
def file_number(path: str) -> int:
    """Return the number under which the lexical index knows a file: 60 bits of the path's digest."""
    return int.from_bytes(hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 4


def _any_of(parts: Sequence[Any]) -> Any:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
