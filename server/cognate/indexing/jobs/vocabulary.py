"""Learns which words the names of the workspace are made of, and where they lie among the model's vectors.

Once after the first index, then when a tenth of the chunks came or went: words change little from one save to the
next. What was learned is kept beside the store, so a start only reads it.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from cognate.disk import write_whole
from cognate.embedding.mount import vectors_of
from cognate.index.entries import FileEntry, read_outline
from cognate.index.locations import VOCABULARY_FILE
from cognate.index.snapshot import Snapshot
from cognate.index.vocabulary import Vocabulary, pack, read
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.services import Model
from cognate.indexing.state import FolderState
from cognate.types import FileStamp
from cognate.words import STOP_WORDS, split_identifier, stem
from cognate.workspace.path_facts import path_facts

log = logging.getLogger(__name__)

MOST_WORDS = 2500
"""About as many as 25,000 chunks have; at 384 dimensions 4 MB, and compared with a query within a millisecond."""

LEAST_DEFINITIONS = 2
"""Definitions that have a form of a word in their name; what only one has is often an abbreviation or chance."""

LEAST_LETTERS = 4
DRIFT = 0.1
"""Share of the chunks that came or went after which the words are learned anew."""

CHUNKS_AT_ONCE = 200  # Read within 10 ms; a question waits no longer.
WORDS_AT_ONCE = 32

_PROSE = frozenset({"heading"})  # Kinds of definitions that are no names.
_OTHER_FILES = frozenset({"test", "example", "docs"})  # They name what others do.


class LearnWords:
    """The vocabulary of one index.

    Args:
        state: of the folder; the vocabulary is put into its index.
        embed: goes first.
    """

    phase = Phase.VOCABULARY

    def __init__(self, state: FolderState, embed: Embed) -> None:
        self._state = state
        self._embed = embed
        self._file = state.storage.folder / VOCABULARY_FILE if state.storage.folder is not None else None
        self._taken: FileStamp | None = None
        self._steps: Iterator[None] | None = None
        self._judged: tuple[object, int] | None = None
        self._is_behind = False

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 when another vocabulary is on disk, or the folder is idle and one is to be learned."""
        state = self._state
        if state.model is None or self._embed.due(now, waited_for=waited_for) is not None:
            return None
        if self._stamp() != self._taken:
            return 0.0
        # Whether there is anything to learn is asked of all files, so not after each edit.
        wait = 0.0 if waited_for else max(state.idle_in_s(now), self._embed.wait_s(now))
        return wait if wait > 0.0 or self._has_drifted() else None

    def _has_drifted(self) -> bool:
        index = self._state.index
        looked_at = index.saved.vocabulary, index.store_generation
        if self._judged != looked_at:
            self._judged = looked_at
            self._is_behind = index.saved.vocabulary().drift(index.saved.files) > DRIFT
        return self._is_behind

    def run(self, budget: Budget) -> None:
        """Take what is on disk, or learn on until something more urgent waits."""
        state = self._state
        if self._stamp() != self._taken:
            self._take()
            return
        assert state.model is not None
        try:
            self._steps = self._steps or self._learn(state.index.saved, state.model)
            for _ in self._steps:
                state.services.gate.give_way()
                if budget.should_yield():
                    return
        except Exception:
            log.exception("The words of %s could not be learned; none are suggested until it changes", state.folder)
            self._is_behind = False
        self._steps = None
        state.has_worked = True

    def _stamp(self) -> FileStamp | None:
        return FileStamp.at(self._file) if self._file is not None else None

    def _take(self) -> None:
        """Take what was kept, if it belongs to this store and model."""
        self._taken = self._stamp()
        index = self._state.index
        kept = read(self._file, index.store.identity, index.fingerprint) if self._file is not None else None
        if kept is not None:
            index.use_vocabulary(lambda: kept)
            self._state.publish()

    def _keep(self, vocabulary: Vocabulary) -> None:
        """Keep it for the next start; a disk that refuses costs only the time to learn it again."""
        index = self._state.index
        if self._file is None:
            return
        try:
            write_whole(self._file, pack(vocabulary, index.store.identity, index.fingerprint))
        except OSError as error:
            log.info("The words of %s cannot be kept: %s", self._state.folder, error)
        self._taken = self._stamp()

    def _learn(self, snapshot: Snapshot, model: Model) -> Iterator[None]:
        """Learn the words of a snapshot in small steps; others may work between them."""
        counts: Counter[str] = Counter()
        for some in _a_few(snapshot):
            counts.update(word for entry in some for words in words_of(entry) for word in words)
            yield
        rows, words = ranked(counts)
        known = self._embed.known_vectors
        vectors = np.zeros((len(words), snapshot.vectors.dimensions), np.float32)
        for start in range(0, len(words), WORDS_AT_ONCE):
            some = words[start : start + WORDS_AT_ONCE]
            vectors[start : start + len(some)] = vectors_of(some, model.encoder, known)
            yield
        sums = np.zeros_like(vectors)
        for some in _a_few(snapshot):
            for entry in some:
                of_chunks = np.nan_to_num(snapshot.vectors.gathered(entry.ids))
                for vector, defined in zip(of_chunks, words_of(entry), strict=True):
                    sums[list({rows[word] for word in defined if word in rows})] += vector
            yield
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors += sums / np.where(lengths > 0, lengths, 1.0)
        index = self._state.index
        if index.fingerprint == model.encoder.fingerprint:
            last = max((number for entry in snapshot.files.values() for number in entry.ids), default=0)
            learned = Vocabulary(words, vectors.astype(np.float16).astype(np.float32), snapshot.n_chunks, last)
            index.use_vocabulary(lambda: learned)
            self._keep(learned)
            self._state.publish()


def ranked(counts: Mapping[str, int]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the row of each word, one for all its forms, and the commonest form in each row, the commonest first.

    Args:
        counts: how many definitions have a word in their name.
    """
    forms: dict[str, list[str]] = {}
    for word in sorted(counts, key=lambda word: (-counts[word], word)):
        forms.setdefault(stem(word), []).append(word)
    totals = {key: sum(counts[form] for form in some) for key, some in forms.items()}
    best = sorted((key for key in totals if totals[key] >= LEAST_DEFINITIONS), key=lambda key: (-totals[key], key))
    kept = best[:MOST_WORDS]
    rows = {form: row for row, key in enumerate(kept) for form in forms[key]}
    return rows, tuple(forms[key][0] for key in kept)


def words_of(entry: FileEntry) -> list[list[str]]:
    """Return the words that the names defined in each chunk of a file are made of, as often as they are defined."""
    return [
        [
            word
            for symbol in read_outline(line).symbols
            if symbol.kind not in _PROSE
            for word in dict.fromkeys(split_identifier(symbol.name))
            if len(word) >= LEAST_LETTERS and word.isascii() and word.isalpha() and word not in STOP_WORDS
        ]
        for line in entry.outlines
    ]


def _a_few(snapshot: Snapshot) -> Iterator[list[FileEntry]]:
    """Yield the files whose names count, a few at a time."""
    some: list[FileEntry] = []
    size = 0
    for path, entry in snapshot.files.items():
        if entry.ids and not path_facts(path).kinds & _OTHER_FILES:
            some.append(entry)
            size += len(entry.ids)
        if size >= CHUNKS_AT_ONCE:
            yield some
            some, size = [], 0
    yield some
