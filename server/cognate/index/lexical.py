"""BM25 over chunks and over whole files, with tantivy. The only file that imports tantivy.

One writer thread changes and commits; any thread may query a LexicalReader, which sees one commit for ever.
Text comes in as words that are already split and stemmed, so tantivy only splits at spaces.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3; k1 1.2 and b 0.75.
"""

import hashlib
import logging
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from cognate.types import ChunkId
from cognate.words import identifiers, split_identifier, stem

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
WRITER_HEAP_BYTES = 30_000_000  # Twice what tantivy asks for at least; more gains nothing at this size.

FIELDS = ("body", "names", "path")
"""Of a chunk: its words; the words of the names it defines and of their containers; the words of its path."""


@dataclass(frozen=True, slots=True)
class LexicalChunk:
    """What the lexical index needs of a chunk: words by field, each field one string of words."""

    id: ChunkId
    path: str
    body: str
    names: str
    path_words: str


def index_words(text: str) -> str:
    """Return the words of a text as the index holds them: split, stemmed, and compound identifiers whole as well."""
    out: list[str] = []
    for identifier in identifiers(text):
        parts = split_identifier(identifier)
        out.extend(stem(part) for part in parts)
        if len(parts) > 1:
            out.append(stem(identifier.lower()))
    return " ".join(out)


@dataclass(frozen=True, slots=True)
class LexicalReader:
    """The index as of one commit; safe to query from any thread."""

    chunks: Any
    files: Any
    chunk_schema: Any
    file_schema: Any

    def score_chunks(
        self,
        words: Mapping[str, float],
        fields: Mapping[str, float],
        limit: int,
        only: Iterable[ChunkId] | None = None,
    ) -> dict[ChunkId, float]:
        """Return the best chunks' BM25 scores.

        Args:
            words: weight of each stemmed word.
            fields: weight of each field to look in.
            limit: how many chunks at most.
            only: score these chunks alone.
        """
        parts: list[Any] = []
        for name, weight in fields.items():
            parts.extend(self._word_queries(self.chunk_schema, name, words, weight))
        if not parts:
            return {}
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        if only is not None:
            numbers = list(only)
            allowed = tantivy.Query.term_set_query(self.chunk_schema, "id", numbers)
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0))]
            )
            limit = min(limit, len(numbers))
        return self._run(self.chunks, query, limit, "id")

    def score_files(self, words: Mapping[str, float], limit: int) -> dict[int, float]:
        """Return the best files' BM25 scores by file number."""
        parts = self._word_queries(self.file_schema, "body", words, 1.0)
        if not parts:
            return {}
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        return self._run(self.files, query, limit, "number")

    def files_with(self, word: str, numbers: Sequence[int]) -> frozenset[int]:
        """Return which of the files, by number, hold a stemmed word."""
        if not numbers:
            return frozenset()
        asked = (
            tantivy.Query.term_query(self.file_schema, "body", word, "basic"),
            tantivy.Query.term_set_query(self.file_schema, "number", list(numbers)),
        )
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in asked])
        return frozenset(self._run(self.files, query, len(numbers), "number"))

    def document_frequency(self, word: str) -> int:
        """Return in how many chunks a stemmed word stands."""
        return self.chunks.doc_freq("body", word)

    @property
    def n_chunks(self) -> int:
        """Number of chunks in the index."""
        return self.chunks.num_docs

    @staticmethod
    def _word_queries(schema: Any, field: str, words: Mapping[str, float], weight: float) -> list[Any]:
        return [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, word, "freq"), weight * word_weight)
            for word, word_weight in words.items()
        ]

    @staticmethod
    def _run(searcher: Any, query: Any, limit: int, key: str) -> dict[int, float]:
        if limit < 1 or not searcher.num_docs:
            return {}
        found = searcher.search(query, limit, count=False).hits
        numbers = searcher.fast_field_values(key, [address for _, address in found])
        return {int(number): float(score) for number, (score, _) in zip(numbers, found, strict=True)}


class LexicalIndex:
    """The writer's side. Used by one thread."""

    def __init__(self, folder: Path | None) -> None:
        """Open the index under the folder, or make an empty one; None keeps it in memory.

        A folder that cannot be opened is removed: the caller sees ``n_chunks`` of 0 and fills it again.
        """
        self._folder = None if folder is None else folder / f"lexical-v{FORMAT_VERSION}"
        try:
            self._open()
        except (ValueError, OSError) as error:
            log.warning("The lexical index at %s is damaged (%s); rebuilding it", self._folder, error)
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._open()

    def _open(self) -> None:
        self._chunk_schema = _chunk_schema()
        self._file_schema = _file_schema()
        self._chunks = _opened(self._chunk_schema, self._folder, "chunks")
        self._files = _opened(self._file_schema, self._folder, "files")
        self._chunk_writer: Any = None
        self._file_writer: Any = None
        self.reader()  # A damaged segment shows itself here, not at the first query.

    def _writers(self) -> tuple[Any, Any]:
        if self._chunk_writer is None:
            self._chunk_writer = self._chunks.writer(WRITER_HEAP_BYTES, 1)
            self._file_writer = self._files.writer(WRITER_HEAP_BYTES, 1)
        return self._chunk_writer, self._file_writer

    def reader(self) -> LexicalReader:
        """Return a view of the last commit."""
        self._chunks.reload()
        self._files.reload()
        return LexicalReader(self._chunks.searcher(), self._files.searcher(), self._chunk_schema, self._file_schema)

    def apply(
        self,
        removed: Sequence[ChunkId],
        added: Sequence[LexicalChunk],
        gone_files: Sequence[int],
        files: Mapping[int, str],
    ) -> None:
        """Apply one change and commit it.

        Args:
            removed: ids of chunks that are no more.
            added: new chunks.
            gone_files: numbers of files that are no more.
            files: words of each file that is new or changed, by file number.
        """  # fmt: skip
        chunk_writer, file_writer = self._writers()
        _delete(chunk_writer, self._chunk_schema, "id", removed)
        for chunk in added:
            values = {"id": chunk.id, "body": chunk.body, "names": chunk.names, "path": chunk.path_words}
            chunk_writer.add_document(tantivy.Document.from_dict(values, self._chunk_schema))
        _delete(file_writer, self._file_schema, "number", [*gone_files, *files])
        for number, words in files.items():
            file_writer.add_document(tantivy.Document.from_dict({"number": number, "body": words}, self._file_schema))
        if removed or added:
            chunk_writer.commit()
        if gone_files or files:
            file_writer.commit()

    def clear(self) -> None:
        """Remove everything."""
        for writer in self._writers():
            writer.delete_all_documents()
            writer.commit()

    def close(self) -> None:
        """Let go of the writers, so that another process may take them."""
        for writer in (self._chunk_writer, self._file_writer):
            if writer is not None:
                writer.wait_merging_threads()
        self._chunk_writer = self._file_writer = None


def _delete(writer: Any, schema: Any, key: str, numbers: Sequence[int]) -> None:
    if numbers:
        writer.delete_documents_by_query(tantivy.Query.term_set_query(schema, key, list(numbers)))


def file_number(path: str) -> int:
    """Return the number under which the lexical index knows a file: 60 bits of the path's digest."""
    return int.from_bytes(hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 4


def _chunk_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    return builder.build()


def _file_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    builder.add_text_field("body", tokenizer_name="spaces", index_option="freq")
    return builder.build()


def _opened(schema: Any, folder: Path | None, name: str) -> Any:
    if folder is None:
        index = tantivy.Index(schema)
    else:
        (folder / name).mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema, path=str(folder / name))
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
