"""The writer's side of the lexical index: changes and commits tantivy's two indexes, chunks and files. One thread."""

import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import tantivy

from cognate.errors import StoreError
from cognate.index.lexical import FIELDS, LexicalChunk, LexicalReader, is_native_failure, short
from cognate.types import ChunkId

log = logging.getLogger(__name__)

FORMAT_VERSION = 3
WRITER_HEAP_BYTES = 30_000_000  # Twice tantivy's minimum; more gains nothing at this size.


class LexicalIndex:
    """BM25 over chunks and files, on disk or in memory.

    Attributes:
        is_behind: a change failed, or the index on disk cannot be opened yet; readers keep the last good commit.
        rebuilt_because: why the index on disk was thrown away when it was opened; empty if it was not.
    """

    def __init__(self, folder: Path | None, *, writable: bool = True) -> None:
        """Open the index under the folder, or make an empty one.

        A writer removes an index that cannot be opened; its caller sees no chunks in it and adds them again. A
        process that only reads has an empty index then.

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
                self.rebuilt_because = f"The lexical index at {self._folder} is damaged ({short(error)})"
                log.warning("%s; building a new one", self.rebuilt_because)
                self.start_anew()
            else:
                self._chunks, self._files = _opened(self._chunk_schema, None), _opened(self._file_schema, None)
                self._reader = self._reloaded()
                self.is_behind = True

    def _open(self) -> None:
        chunks, files = (None, None) if self._folder is None else (self._folder / "chunks", self._folder / "files")
        self._chunks = _opened(self._chunk_schema, chunks, writable=self._writable)
        self._files = _opened(self._file_schema, files, writable=self._writable)
        self._reader = self._reloaded()
        self.is_behind = False

    def start_anew(self) -> None:
        """Remove everything and begin an empty index.

        Raises:
            StoreError: when the disk refuses; readers keep what they have.
        """
        self._release_writers()
        try:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._open()
            if self._reader.n_chunks or self._reader.n_files:  # Some systems keep files that are still mapped.
                for writer in self._writers():
                    writer.delete_all_documents()
                    writer.commit()
        except BaseException as error:
            self._fail(error)

    def reopen(self) -> None:
        """Open the last commit again after a failure, or start anew when it cannot be read.

        Raises:
            StoreError: when the disk refuses.
        """
        self._release_writers()
        try:
            self._open()
        except BaseException as error:
            if not is_native_failure(error):
                raise
            self.start_anew()

    def reader(self) -> LexicalReader:
        """Return a view of the last commit; the one before it when the last cannot be read."""
        try:
            if not self.is_behind:
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
        """
        try:
            chunk_writer, file_writer = self._writers()
            _delete(chunk_writer, self._chunk_schema, "id", removed)
            for chunk in added:
                values = {"id": chunk.id, "body": chunk.body, "names": chunk.names, "path": chunk.path}
                document = tantivy.Document.from_dict({**values, "defines": list(chunk.defines)}, self._chunk_schema)
                chunk_writer.add_document(document)
            _delete(file_writer, self._file_schema, "number", [*gone_files, *files])
            for number, words in files.items():
                document = tantivy.Document.from_dict({"number": number, "body": words}, self._file_schema)
                file_writer.add_document(document)
            if gone_files or files:
                file_writer.commit()
            if removed or added:
                chunk_writer.commit()
        except BaseException as error:
            self._fail(error)

    def close(self) -> None:
        """Give the writers back, so that another process may take them."""
        for writer in (self._chunk_writer, self._file_writer):
            if writer is not None:
                try:
                    writer.wait_merging_threads()
                except BaseException as error:
                    if not is_native_failure(error):
                        raise
                    log.info("Merging the lexical index was cut short: %s", short(error))
        self._release_writers()

    def _writers(self) -> tuple[Any, Any]:
        if self._chunk_writer is None:
            assert self._chunks is not None and self._files is not None
            self._chunk_writer = self._chunks.writer(WRITER_HEAP_BYTES, 1)
            self._file_writer = self._files.writer(WRITER_HEAP_BYTES, 1)
            for writer in (self._chunk_writer, self._file_writer):
                writer.garbage_collect_files()  # What a killed commit left would be in the way of the next.
        return self._chunk_writer, self._file_writer

    def _release_writers(self) -> None:
        self._chunk_writer = self._file_writer = None

    def _reloaded(self) -> LexicalReader:
        assert self._chunks is not None and self._files is not None
        self._chunks.reload()
        self._files.reload()
        return LexicalReader(self._chunks.searcher(), self._files.searcher(), self._chunk_schema, self._file_schema)

    def _fail(self, error: BaseException) -> NoReturn:
        """Raise a failure of tantivy's as ours; its writers cannot be used after one."""
        if not is_native_failure(error):
            raise error
        self.is_behind = True
        self._release_writers()
        raise StoreError(f"The lexical index at {self._folder} cannot be written: {short(error)}.") from error


def _delete(writer: Any, schema: Any, key: str, numbers: Sequence[int]) -> None:
    if numbers:
        writer.delete_documents_by_query(tantivy.Query.term_set_query(schema, key, list(numbers)))


def _chunk_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=False, indexed=True, fast=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="spaces", index_option="freq")
    builder.add_text_field("defines", tokenizer_name="raw", index_option="basic")
    return builder.build()


def _file_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("number", stored=False, indexed=True, fast=True)
    builder.add_text_field("body", tokenizer_name="spaces", index_option="freq")
    return builder.build()


def _opened(schema: Any, folder: Path | None, *, writable: bool = True) -> Any:
    """Return the index in a folder; a new one where there is none, or in memory.

    Raises:
        ValueError: when it is damaged, or when it is missing and not to be written.
        OSError: when it cannot be read or made.
    """
    if folder is None:
        index = tantivy.Index(schema)
    elif writable:
        folder.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema, path=str(folder))
    else:
        index = tantivy.Index.open(str(folder))
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index
