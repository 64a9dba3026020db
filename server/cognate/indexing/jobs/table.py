"""The table of jobs of one open folder, in the order in which they come first."""

from collections.abc import Callable, Mapping
from pathlib import Path

from cognate.errors import DamagedStoreError, ModelError
from cognate.indexing import clean_marker
from cognate.indexing.jobs import Job, Phase, Progress
from cognate.indexing.jobs.buffers import Buffers
from cognate.indexing.jobs.compact import Compact
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.jobs.graph import Graph
from cognate.indexing.jobs.history import ReadHistory
from cognate.indexing.jobs.read import Read
from cognate.indexing.jobs.reconcile import Reconcile
from cognate.indexing.jobs.translate import Translate
from cognate.indexing.jobs.trim import Trim
from cognate.indexing.jobs.vocabulary import LearnWords
from cognate.indexing.loading import Loading
from cognate.indexing.services import Services
from cognate.indexing.state import FolderState
from cognate.indexing.storage import Storage
from cognate.settings import Settings
from cognate.types import Status
from cognate.workspace import buffers as open_buffers


class Jobs:
    """The jobs of one open folder. Writer thread only."""

    def __init__(self, state: FolderState) -> None:
        self.state = state
        self._compact = Compact(state)
        self._embed = Embed(state, self._compact)
        self._buffers = Buffers(state)
        self.reconcile = Reconcile(state)
        self._read = Read(state, self._buffers, self._embed)
        self.graph = Graph(state, self._embed, self._compact)
        self.history = ReadHistory(state, self._embed)
        self._table: tuple[Job, ...] = (
            self._buffers, self.reconcile, self._read, Translate(state), self.graph, self._embed, self._compact,
            LearnWords(state, self._embed), self.history, Trim(state),
        )  # fmt: skip

    @staticmethod
    def open(  # noqa: PLR0917 - what a folder's state is made of
        folder: Path,
        settings: Settings,
        services: Services,
        storage: Storage,
        buffers: open_buffers.Buffers,
        publish: Callable[[], None],
        *,
        discard: DamagedStoreError | None,
    ) -> "Jobs":
        """Open a folder's index, with its vectors where there are any; files are read while a model is loaded.

        Args:
            folder: the workspace folder.
            settings: the folder's.
            services: what the process shares.
            storage: where the index is kept.
            buffers: texts of open buffers.
            publish: called after each change that readers can see.
            discard: why the index on disk is to be thrown away, if it is.

        Raises:
            StoreError: when it cannot be opened, not even in memory.
        """
        loading = Loading(services, settings, services.store_folder(folder))
        index = storage.open(discard=discard)
        try:
            index.use_translator(services.translator)
            jobs = Jobs(FolderState(folder, settings, services, storage, buffers, index, publish))
            jobs._embed.load(loading, wait=bool(index.saved.n_chunks))
        except BaseException:
            index.close()
            raise
        return jobs

    def after_opening(self) -> None:
        """Do what the first answers do not wait for: ranks, the cross-encoder, a look at the pages of the store.

        Raises:
            DamagedStoreError: when the store is broken.
        """
        self.graph.load()
        self.load_reranker()
        self.state.has_worked = True
        self.state.index.store.check()
        self.state.publish()

    def load_reranker(self) -> None:
        """Use the cross-encoder that the settings name, if any; without it searches have one stage."""
        state = self.state
        state.reranker = None
        state.problems.pop("reranker", None)
        if state.settings.reranker:
            try:
                state.reranker = state.services.reranker(state.settings.reranker, state.settings.background_threads)
            except ModelError as error:
                state.problems["reranker"] = f"The reranker cannot be used, and searches go without it. {error}"

    def take_imported_ranks(self) -> None:
        """Let ranks that were imported count from now on."""
        self.graph.take_imported()
        self.state.publish()

    def use_settings(self, settings: Settings) -> None:
        """Use new settings; what they make stale becomes due."""
        old, self.state.settings = self.state.settings, settings
        if (old.model, old.background_threads) != (settings.model, settings.background_threads):
            self._embed.load(Loading(self.state.services, settings, self.state.storage.folder), wait=True)
        elif (old.vectors, old.vectors_key) != (settings.vectors, settings.vectors_key):
            self._embed.use_mounts()
        if (old.reranker, old.background_threads) != (settings.reranker, settings.background_threads):
            self.load_reranker()
        if (old.exclude, old.max_file_bytes) != (settings.exclude, settings.max_file_bytes):
            self.state.read_rules()
            self.reconcile.want()

    def note(self, noted: Mapping[str, bool], now: float) -> None:
        """Queue files that may have changed.

        Args:
            noted: paths, and whether each was only typed in: then its file is not read, unless it has changed, too.
            now: in seconds, of the monotonic clock.
        """
        state = self.state
        state.noted_at = now
        self._buffers.note(noted)
        to_read = [path for path, typed in noted.items() if not (typed and state.is_current(path))]
        state.backlog.update(dict.fromkeys(to_read))
        state.rules_changed |= any(state.rules.outdated_by(path) for path in to_read)

    def beside(self) -> bool:
        """Take what other threads have made ready since the last step; return whether readers can see a difference."""
        with_vectors = self._embed.beside()
        return self._compact.beside() or with_vectors

    def next(self, now: float, *, waited_for: bool) -> tuple[Job | None, float | None]:
        """Return the first job that is due, and 0; or none, and in how many seconds the next one is."""
        rest: float | None = None
        for job in self._table:
            wait = job.due(now, waited_for=waited_for)
            if wait is not None and wait <= 0:
                return job, 0.0
            if wait is not None:
                rest = wait if rest is None else min(rest, wait)
        return None, rest

    def progress(self, phase: Phase) -> Progress:
        """Return what is still to do; a folder that is to be walked counts as one more file."""
        state = self.state
        return Progress(
            phase,
            n_files=len(state.backlog) + (self.reconcile.due(0.0, waited_for=False) is not None),
            n_buffers=self._buffers.n_waiting,
            n_chunks=self._embed.n_missing,
            is_loading=self._embed.is_loading,
            graph_is_behind=self.graph.is_behind,
            model=state.model.encoder.name if state.model is not None else "",
            problems=dict(state.problems),
            facts=dict(state.facts),
        )

    def finish(self, status: Status) -> None:
        """Save what is not on disk yet, close, and mark the index as clean if it holds what the folder did.

        Args:
            status: the last one.

        Raises:
            StoreError: when the disk refuses.
        """
        index, folder = self.state.index, self.state.storage.folder
        if index.n_unsaved_vectors:
            index.save_vectors()
        index.save_translations()
        self.graph.save()
        self.close()
        if folder is not None and not self.graph.is_behind:
            clean_marker.write(folder, index.saved, self.state.settings, status)

    def close(self) -> None:
        """End all threads, and close what is on disk."""
        self.history.close()
        self._embed.close()
        self.state.index.close()
