"""BM25 over chunks and over whole files, with tantivy. The only file that imports tantivy.

One writer thread changes and commits; any thread may query a LexicalReader, which sees one commit for ever.
Text comes in as words that are already split and stemmed, so tantivy only splits at spaces.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3; k1 1.2 and b 0.75.
"""

import hashlib
import logging
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import tantivy

from cognate.errors import StoreError
from cognate.index.lexical_files import META_FILE, check_files
from cognate.types import ChunkId
from cognate.words import identifiers, split_identifier, stem

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
WRITER_HEAP_BYTES = 30_000_000  # Twice what tantivy asks for at least; more gains nothing at this size.

TERM_SET_FROM = 400
"""Up to so many numbers are looked up one by one, which takes half the time for 100; all at once beyond."""

EXACT_BITS = 24
"""Scores are 32-bit floats, which hold integers of so many bits exactly."""

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
    return " ".join(filter(None, map(_words_of, identifiers(text))))


@lru_cache(maxsize=1 << 16)
def _words_of(identifier: str) -> str:
    """Return what the index holds of one identifier; a folder's are few, and each stands there some twenty times."""
    parts = split_identifier(identifier)
    words = [stem(part) for part in parts]
    if len(parts) > 1:
        words.append(stem(identifier.lower()))
    return " ".join(words)


def inverse_document_frequency(total: int, having: int) -> float:
    """Return the idf of a word that so many of all chunks have, as tantivy's BM25 has it."""
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
        query = _any_of(parts)
        if only is not None:
            numbers = list(only)
            query = self._within(self.chunk_schema, "id", numbers, query)
            limit = min(limit, len(numbers))
        return self._run(self.chunks, query, limit, "id")

    def score_files(
        self, words: Mapping[str, float], limit: int, only: Sequence[int] | None = None
    ) -> dict[int, float]:
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
                    tantivy.Query.term_query(self.file_schema, "body", word, "basic"), float(1 << place)
                )
                for place, word in enumerate(words[start : start + EXACT_BITS])
            ]
            query = self._within(self.file_schema, "number", numbers, _any_of(parts))
            for number, score in self._run(self.files, query, len(numbers), "number").items():
                found[number] = found.get(number, 0) | int(score) << start
        return found

    def chunks_with_words_like(self, word: str, distance: int, limit: int) -> list[ChunkId]:
        """Return some chunks that hold a word at most so many edits from a stemmed word, a swap counting as one."""
        query = tantivy.Query.fuzzy_term_query(self.chunk_schema, "body", word, distance, True)
        return list(self._run(self.chunks, query, limit, "id"))

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
    def _word_queries(schema: Any, field: str, words: Mapping[str, float], weight: float) -> list[Any]:
        return [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, word, "freq"), weight * word_weight)
            for word, word_weight in words.items()
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
            log.error("The lexical index cannot be read (%s); answering without it", error)
            return {}
        return {int(number): float(score) for number, (score, _) in zip(numbers, found, strict=True)}


class LexicalIndex:
    """The writer's side, or that of a process which follows a writer. Used by one thread."""

    def __init__(self, folder: Path | None, *, writable: bool = True) -> None:
        """Open the index under the folder, or make an empty one.

        A folder that cannot be opened is removed by a writer: the caller sees ``n_chunks`` of 0 and fills it again. A
        follower sees an empty index until there is one to follow.

        Args:
            folder: where the index lies; None keeps it in memory.
            writable: False changes nothing on disk.
        """
        self._folder = None if folder is None else folder / f"lexical-v{FORMAT_VERSION}"
        self._writable = writable
        self._chunk_schema, self._file_schema = _chunk_schema(), _file_schema()
        self.is_behind = False
        self.rebuilt_because = ""
        self._chunks = self._files = self._chunk_writer = self._file_writer = None
        try:
            self._open()
        except BaseException as error:
            if not is_native_failure(error):
                raise
            if writable:
                self.rebuilt_because = f"The lexical index at {self._folder} is damaged ({error})"
                log.warning("%s; rebuilding it", self.rebuilt_because)
                self.start_anew()
            else:
                self._stand_in()

    def _open(self) -> None:
        self._chunks = _opened(self._chunk_schema, self._folder, "chunks", writable=self._writable)
        self._files = _opened(self._file_schema, self._folder, "files", writable=self._writable)
        self._reader = self._reloaded()
        self.is_behind = False

    def _stand_in(self) -> None:
        """Use an empty index until the one on disk can be read."""
        self._chunks = _opened(self._chunk_schema, None, "chunks")
        self._files = _opened(self._file_schema, None, "files")
        self._reader = self._reloaded()
        self.is_behind = True

    def start_anew(self) -> None:
        """Remove everything and begin an empty index.

        Raises:
            StoreError: when the disk refuses; readers keep what they have.
        """
        self._let_go()
        try:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._open()
            if self._reader.n_chunks or self._reader.n_files:  # Some systems keep files that are still mapped.
                self.clear()
        except BaseException as error:
            self._fail(error)

    def reopen(self) -> None:
        """Open the last commit again after a failure, or start anew when it cannot be read.

        Raises:
            StoreError: when the disk refuses.
        """
        self._let_go()
        try:
            self._open()
        except BaseException as error:
            if not is_native_failure(error):
                raise
            self.start_anew()

    def _writers(self) -> tuple[Any, Any]:
        if self._chunk_writer is None:
            assert self._chunks is not None and self._files is not None
            self._chunk_writer = self._chunks.writer(WRITER_HEAP_BYTES, 1)
            self._file_writer = self._files.writer(WRITER_HEAP_BYTES, 1)
        return self._chunk_writer, self._file_writer

    def _reloaded(self) -> LexicalReader:
        assert self._chunks is not None and self._files is not None
        self._chunks.reload()
        self._files.reload()
        return LexicalReader(self._chunks.searcher(), self._files.searcher(), self._chunk_schema, self._file_schema)

    def reader(self) -> LexicalReader:
        """Return a view of the last commit; the one before it when the last cannot be read."""
        try:
            if self.is_behind and not self._writable:
                self._open()
            elif not self.is_behind:
                self._reader = self._reloaded()
        except BaseException as error:
            if not is_native_failure(error):
                raise
            self.is_behind = True
        return self._reader

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

        Raises:
            StoreError: when the disk refuses; ``is_behind`` is true from then on, and readers keep what they have.
        """  # fmt: skip
        try:
            self._apply(removed, added, gone_files, files)
        except BaseException as error:
            self._fail(error)

    def _apply(
        self,
        removed: Sequence[ChunkId],
        added: Sequence[LexicalChunk],
        gone_files: Sequence[int],
        files: Mapping[int, str],
    ) -> None:
        chunk_writer, file_writer = self._writers()
        _delete(chunk_writer, self._chunk_schema, "id", removed)
        for chunk in added:
            values = {"id": chunk.id, "body": chunk.body, "names": chunk.names, "path": chunk.path_words}
            chunk_writer.add_document(tantivy.Document.from_dict(values, self._chunk_schema))
        _delete(file_writer, self._file_schema, "number", [*gone_files, *files])
        for number, words in files.items():
            file_writer.add_document(tantivy.Document.from_dict({"number": number, "body": words}, self._file_schema))
        with ThreadPoolExecutor(1, "cognate-commit") as other:  # Both wait for the disk most of the time.
            files_done = other.submit(file_writer.commit) if gone_files or files else None
            if removed or added:
                chunk_writer.commit()
            if files_done is not None:
                files_done.result()

    def _fail(self, error: BaseException) -> NoReturn:
        """Raise a failure of tantivy's as ours; its writers are of no use after one."""
        if not is_native_failure(error):
            raise error
        self.is_behind = True
        self._let_go()
        raise StoreError(f"The lexical index at {self._folder} cannot be written: {_short(error)}.") from error

    def clear(self) -> None:
        """Remove everything."""
        for writer in self._writers():
            writer.delete_all_documents()
            writer.commit()

    def close(self) -> None:
        """Let go of the writers, so that another process may take them."""
        for writer in (self._chunk_writer, self._file_writer):
            if writer is not None:
                try:
                    writer.wait_merging_threads()
                except BaseException as error:
                    if not is_native_failure(error):
                        raise
                    log.info("Merging the lexical index was cut short: %s", _short(error))
        self._let_go()

    def _let_go(self) -> None:
        self._chunk_writer = self._file_writer = None


def check(folder: Path) -> None:
    """Hold the files of the index under a folder against their checksums, as a writer does when it opens it.

    Raises:
        ValueError: when one is damaged or missing.
        OSError: when one cannot be read.
    """
    for name in ("chunks", "files"):
        check_files(folder / f"lexical-v{FORMAT_VERSION}" / name)


def _any_of(parts: Sequence[Any]) -> Any:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])


def is_native_failure(error: BaseException) -> bool:
    """Whether tantivy reports a fault of the disk or of its files; its panics derive from BaseException alone."""
    return isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException"


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def _delete(writer: Any, schema: Any, key: str, numbers: Sequence[int]) -> None:
    if numbers:
        writer.delete_documents_by_query(tantivy.Query.term_set_query(schema, key, list(numbers)))


@lru_cache(maxsize=1 << 16)
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


def _opened(schema: Any, folder: Path | None, name: str, *, writable: bool = True) -> Any:
    """Return the index in a folder, checked; a new one where there is none.

    Raises:
        ValueError: when it is damaged, or when it is missing and not to be written.
        OSError: when it cannot be read or made.
    """
    if folder is None:
        index = tantivy.Index(schema)
    elif writable:
        (folder / name).mkdir(parents=True, exist_ok=True)
        if (folder / name / META_FILE).exists():
            check_files(folder / name)
        index = tantivy.Index(schema, path=str(folder / name))
    else:
        index = tantivy.Index.open(str(folder / name))
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
