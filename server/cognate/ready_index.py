"""Answers from an index that is marked as clean, without an engine: for a process that asks once.

Whatever is against it, be it a change in the folder, a file of the index that is not as it was left, or a setting that
needs more, leaves the question to an engine. One thread asks; the model and the vectors are read on others meanwhile.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.commits import History
from cognate.duplicates import Duplicates
from cognate.embedding.encoder import Encoder
from cognate.errors import ModelError, StoreError
from cognate.graph.view import unpack
from cognate.index.index import Index
from cognate.index.locations import GRAPH_FILE, IMPORTED_FILE, VOCABULARY_FILE, store_folder
from cognate.index.opening import open_index
from cognate.index.vocabulary import Vocabulary, no_vocabulary, read
from cognate.indexing import clean_marker
from cognate.indexing.loading import Loading
from cognate.indexing.services import Services
from cognate.search.hits import Found, is_stale
from cognate.search.request import CHANGED_WITH, DuplicatesRequest, HistoryRequest, RelatedRequest, SearchRequest
from cognate.search.search import search
from cognate.settings import Settings
from cognate.timing import Stopwatch
from cognate.types import Answer, IndexInfo

NEEDS_ENGINE = "The history is read by an engine, which sees whether HEAD moved."


class ReadyIndex:
    """A folder's index that is clean; see ``ready_index``."""

    def __init__(self, folder: Path, index: Index, encoder: Encoder, info: IndexInfo) -> None:
        self._folder = folder
        self._index = index
        self._snapshot = index.saved
        self._encoder = encoder
        self._info = info

    def close(self) -> None:
        """Close what is on disk."""
        self._index.close()

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """As ``EngineFace.search``; raises StoreError where the disk cannot be read, which an engine mends."""
        watch = Stopwatch()
        found = search(self._snapshot, self._encoder, request, cancel, is_stale=self._is_stale, ended=watch.ended)
        return self._answer(found, watch)

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """As ``EngineFace.related``; raises StoreError as above."""
        if request.kind == CHANGED_WITH:
            raise StoreError(NEEDS_ENGINE)
        from cognate.search.related.related import related  # noqa: PLC0415 - a search does without

        watch = Stopwatch()
        found = related(self._snapshot, self._encoder, request, cancel, is_stale=self._is_stale)
        watch.ended("")
        return self._answer(found, watch)

    def duplicates(self, request: DuplicatesRequest, cancel: CancelToken) -> Duplicates:
        """As ``EngineFace.duplicates``; raises StoreError as above."""
        from cognate.search.duplicates import clusters  # noqa: PLC0415 - as above

        return Duplicates(clusters(self._snapshot, request, cancel), self._info)

    def history(self, request: HistoryRequest, cancel: CancelToken) -> History:
        """Leave a question to the history to an engine, which sees whether HEAD moved.

        Raises:
            StoreError: always.
        """
        raise StoreError(NEEDS_ENGINE)

    def languages(self) -> Mapping[str, int]:
        """As ``EngineFace.languages``."""
        return self._snapshot.languages()

    def _is_stale(self, path: str) -> bool:
        return is_stale(self._folder, self._snapshot.files, path)

    def _answer(self, found: Found, watch: Stopwatch) -> Answer:
        return Answer(found.hits, self._info, found.facets, found.advice, watch.stages)


def ready_index(folder: Path, settings: Settings, services: Services) -> ReadyIndex | None:
    """Return the index of a folder if it is marked as clean, None where an engine is needed.

    Args:
        folder: the workspace folder.
        settings: its settings.
        services: whose model is used; it may be on its way already.
    """
    index_folder = store_folder(services.cache_dir, folder)
    if settings.reranker or (index_folder / IMPORTED_FILE).exists():
        return None
    status = clean_marker.read(services.cache_dir, folder, settings)
    if status is None:
        return None
    loading = Loading(services, settings, index_folder)
    with ExitStack() as unless_ready:
        try:
            index = open_index(index_folder, writable=False)
            unless_ready.callback(index.close)
            index.use_translator(services.translator)
            graph = unpack((index_folder / GRAPH_FILE).read_bytes(), index.key)
            model = loading.model()
            encoder = model.encoder
            index.use_model(encoder.fingerprint, encoder.dimensions, loading.vectors(encoder.fingerprint))
            digests = index.digests_of(index.without_vectors())
            known = model.cache.get(list(digests.values())) if digests else {}
            index.set_vectors({number: known[digest] for number, digest in digests.items() if digest in known})
        except (StoreError, ModelError, OSError):
            return None
        if graph is None or index.saved.coverage < 1.0 or not index.is_lexical_current:
            return None  # An engine says what is missing, and answers without it.
        index.use_graph(graph)
        identity, file = index.store.identity, index_folder / VOCABULARY_FILE

        @cache
        def vocabulary() -> Vocabulary:
            return read(file, identity, encoder.fingerprint) or no_vocabulary()

        index.use_vocabulary(vocabulary)
        unless_ready.pop_all()
    return ReadyIndex(folder, index, encoder, status.index)
