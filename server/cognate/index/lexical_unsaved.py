"""BM25 for the few chunks of unsaved buffers, which must not enter the lexical index on disk. Frozen; any thread.

They are scored with the workspace's document frequencies, so that a chunk ranks the same saved or unsaved.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cognate.index.lexical import LexicalChunk, LexicalReader, inverse_document_frequency
from cognate.types import ChunkId
from cognate.words import name_key

K1, B = 1.2, 0.75  # As tantivy has them.


@dataclass(frozen=True, slots=True)
class CountedChunk:
    """Word counts of one chunk by field, the fields' lengths in words, and the names that it defines."""

    counts: Mapping[str, Mapping[str, int]]
    lengths: Mapping[str, int]
    defines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnsavedChunks:
    """Chunks of unsaved buffers, by id."""

    chunks: Mapping[ChunkId, CountedChunk] = field(default_factory=dict[ChunkId, CountedChunk])

    def changed(self, removed: Iterable[ChunkId], added: Iterable[LexicalChunk]) -> "UnsavedChunks":
        """Return these chunks without the removed and with the added ones."""
        gone = set(removed)
        kept = {number: chunk for number, chunk in self.chunks.items() if number not in gone}
        return UnsavedChunks({**kept, **{chunk.id: _counted(chunk) for chunk in added}})

    def score(
        self, words: Collection[str], fields: Mapping[str, float], frequency: Callable[[str, str], int], total: int
    ) -> dict[ChunkId, float]:
        """Return the BM25 score of every chunk that has one of the words.

        Args:
            words: stemmed, each once.
            fields: weight of each field to look in.
            frequency: number of indexed chunks that have a word in a field, called with word and field.
            total: number of indexed chunks.
        """
        scores: dict[ChunkId, float] = {}
        for name, field_weight in fields.items():
            mean = sum(chunk.lengths[name] for chunk in self.chunks.values()) / max(1, len(self.chunks)) or 1.0
            for word in words:
                holders = [(number, c) for number, c in self.chunks.items() if word in c.counts[name]]
                if not holders:
                    continue
                having = min(max(frequency(word, name), len(holders)), total) if total else len(holders)
                idf = inverse_document_frequency(max(total, having), having)
                for number, chunk in holders:
                    count = chunk.counts[name][word]
                    norm = K1 * (1.0 - B + B * chunk.lengths[name] / mean)
                    points = field_weight * idf * count * (K1 + 1.0) / (count + norm)
                    scores[number] = scores.get(number, 0.0) + points
        return scores


def _counted(chunk: LexicalChunk) -> CountedChunk:
    fields = {"body": chunk.body.split(), "names": chunk.names.split(), "path": chunk.path.split()}
    counts = {name: Counter(words) for name, words in fields.items()}
    return CountedChunk(counts, {name: len(words) for name, words in fields.items()}, chunk.defines)


@dataclass(frozen=True, slots=True)
class UnsavedReader(LexicalReader):
    """A lexical reader with the chunks of unsaved buffers beside those on disk. Whole files are scored as saved."""

    unsaved: UnsavedChunks

    @staticmethod
    def over(base: LexicalReader, unsaved: UnsavedChunks) -> "UnsavedReader":
        """Return a reader of what lies on disk and of unsaved chunks."""
        return UnsavedReader(base.chunks, base.files, base.chunk_schema, base.file_schema, unsaved)

    def score_chunks(
        self,
        words: Collection[str],
        fields: Mapping[str, float],
        limit: int,
        only: Iterable[ChunkId] | None = None,
    ) -> dict[ChunkId, float]:
        """As LexicalReader.score_chunks. Masked chunks may be among the answers: the snapshot does not know them."""
        wanted = None if only is None else set(only)
        on_disk = None if wanted is None else [number for number in wanted if number not in self.unsaved.chunks]
        found = on_disk is None or on_disk
        scores = LexicalReader.score_chunks(self, words, fields, limit, on_disk) if found else {}
        added = self.unsaved.score(words, fields, self.document_frequency, self.n_chunks)
        scores.update((number, score) for number, score in added.items() if wanted is None or number in wanted)
        best = sorted(scores, key=lambda number: (-scores[number], number))[:limit]
        return {number: scores[number] for number in best}

    def chunks_defining(self, name: str, limit: int) -> list[ChunkId]:
        """As LexicalReader.chunks_defining; masked chunks may be among them."""
        here = sorted(number for number, chunk in self.unsaved.chunks.items() if name_key(name) in chunk.defines)
        return [*here, *LexicalReader.chunks_defining(self, name, limit)][:limit]
