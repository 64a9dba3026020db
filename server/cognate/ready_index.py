"""Answers from an index that is known to be in step with its folder, without opening it: for a process that asks once.

Whatever stands against it, be it a change in the folder, a file of the index that is not as it was left, or a setting
that needs more, leaves it to an engine. One thread asks; the model and the vectors are read on another one meanwhile.
"""

from dataclasses import replace
from pathlib import Path

from cognate.cancellation import CancelToken
from cognate.embedding.encoder import Encoder
from cognate.graph.view import GraphView, unpack
from cognate.index.glance import glance_at
from cognate.index.locations import GRAPH_FILE, IMPORTED_FILE, store_folder
from cognate.index.snapshot import IndexSnapshot
from cognate.indexing import settled
from cognate.indexing.prefetch import Prefetch
from cognate.indexing.services import Services
from cognate.search.hits import Found, is_stale
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.search.search import search
from cognate.settings import Settings
from cognate.types import Answer, IndexInfo


class SettledIndex:
    """What a folder's index was settled as; see ``settled_index``."""

    def __init__(self, folder: Path, snapshot: IndexSnapshot, encoder: Encoder, info: IndexInfo) -> None:
        self._folder = folder
        self._snapshot = snapshot
        self._encoder = encoder
        self._info = info

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """Answer a search by meaning, as ``Engine.search`` does.

        Raises:
            InvalidRequestError: when the query is empty or a pattern cannot be read.
            DamagedStoreError: when a row that is needed is not what was written; an engine makes it anew.
        """
        return self._answer(search(self._snapshot, self._encoder, request, cancel, is_stale=self._is_stale))

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """Answer what code is like that at a place, as ``Engine.related`` does.

        Raises:
            InvalidRequestError: when a pattern cannot be read.
            DamagedStoreError: as above.
        """
        from cognate.search.related import related  # noqa: PLC0415 - a search does without

        return self._answer(related(self._snapshot, self._encoder, request, cancel, is_stale=self._is_stale))

    def _is_stale(self, path: str) -> bool:
        return is_stale(self._folder, self._snapshot.files, path)

    def _answer(self, found: Found) -> Answer:
        return Answer(found.hits, self._info, found.facets)


def settled_index(folder: Path, settings: Settings, services: Services) -> SettledIndex | None:
    """Return the index of a folder if it is known to be in step with it, None where an engine is needed.

    Args:
        folder: the workspace folder.
        settings: its settings.
        services: whose model is used; it may be on its way already.
    """
    place = store_folder(services.cache_dir, folder)
    if settings.reranker or (place / IMPORTED_FILE).exists():
        return None
    status = settled.recall(services.cache_dir, folder, settings)
    if status is None:
        return None
    prefetch = Prefetch(services, settings, folder)
    found = glance_at(place, prefetch.saved, prefetch.known)
    graph = _graph(place, found.content_key) if found is not None else None
    model = prefetch.model()
    if model is None or found is None or graph is None or found.snapshot.coverage < 1.0:
        return None  # An engine says what is missing, and answers without it.
    return SettledIndex(folder, replace(found.snapshot, graph=graph), model.encoder, status.index)


def _graph(place: Path, content_key: int) -> GraphView | None:
    try:
        return unpack((place / GRAPH_FILE).read_bytes(), content_key)
    except (OSError, ValueError):
        return None
