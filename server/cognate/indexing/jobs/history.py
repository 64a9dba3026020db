"""Keeps a folder's history in step with git, after everything more urgent.

git and the reading of what it prints are on a thread of their own; the writer thread keeps what was read and translates
the messages, a few hundred at a time; the model compares only those that a question is close to. Whether HEAD moved is
seen from the files of git's folder, so nothing is started otherwise.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.disk import remove_database
from cognate.errors import CancelledError, CognateError, MemoryLimitError, ModelError, StoreError
from cognate.history import HISTORY_FILE
from cognate.history.git import Repository
from cognate.history.head import HeadStamp, head_stamp
from cognate.history.listing import BATCH, Listing, list_commits, read_batch
from cognate.history.log import Depth, ReadCommit
from cognate.history.store import NO_WORDS, HistoryStore
from cognate.history.view import NO_HISTORY, HistoryView, Meaning
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.services import Model
from cognate.indexing.state import FolderState
from cognate.process import lower_priority
from cognate.workspace.git_folders import GitFolder, git_folder, repository_around

log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often it is looked whether HEAD moved."""

RETRY_S = 60.0
"""After so long it is tried again to run git where that failed."""

AFTER_OTHERS_S = 0.5
"""Somebody who waits for the index does not wait for the history."""

POLL_S = 0.02
END_S = 2.0  # How long git may take to be ended; what it still prints is read by nobody.
MOST_GONE = 1000
"""Words of so many removed commits stay in the index of words before the history is read anew."""

MESSAGES_A_STEP = 500
"""Messages that are translated before the writer looks for something more urgent: some 40 ms."""

OFF = "The history is not read, as the setting historyCommits is 0."
NO_REPOSITORY = "The folder lies in no git repository, so it has no history."
INNER = "Open one of the repositories in it as a folder of its own: {}."
MOST_INNER = 5
NO_COMMIT = "Nothing of this folder was committed yet."
SHALLOW = "The clone is shallow, so older commits are not known here; git fetch --unshallow brings them."
PARTIAL = "The clone is partial, so commits are known by their messages and files, not by their lines."

Taken = Callable[[], None]


class ReadHistory:
    """The history of one folder.

    Args:
        state: of the folder; the view is put into it.
        embed: goes first.
    """

    phase = Phase.HISTORY

    def __init__(self, state: FolderState, embed: Embed) -> None:
        self._state = state
        self._embed = embed
        self._store: HistoryStore | None = None
        self._place: tuple[Repository, GitFolder] | None = None
        self._stamp: HeadStamp | None = None
        self._limit = -1
        self._comparing: Meaning | None = None
        self._compared_by: Model | None = None
        self._look_at = -math.inf
        self._retry_at = 0.0
        self._is_listed = self._is_opened = False
        self._depth = Depth.LINES
        self._message = ""
        self._thread: threading.Thread | None = None
        self._result: Taken | None = None
        self._closing = threading.Event()

    # -- when

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while commits are to be read or translated; else when to look at HEAD again."""
        embedding_waits = not waited_for and self._embed.wait_s(now) > 0.0
        if not embedding_waits and self._embed.due(now, waited_for=waited_for) is not None:
            return None
        if now < self._retry_at:
            return self._retry_at - now
        if self._retry_at > 0.0:
            self._retry_at, self._is_opened = 0.0, False
        if now >= self._look_at:
            self._look_at = now + LOOK_S
            self._look()
        if self._thread is None and not self._has_work():
            return max(0.0, self._look_at - now)
        return AFTER_OTHERS_S if waited_for else 0.0

    def _has_work(self) -> bool:
        if not self._is_opened:
            return True
        view = self._state.history
        has_another_model = view.n_commits > 0 and view.meaning is not self._meaning()
        return not self._is_listed or not view.is_complete or has_another_model

    def look(self) -> None:
        """See at the next step whether HEAD moved."""
        self._look_at = -math.inf

    def _has_moved(self) -> bool:
        """Whether HEAD, or the setting, is not what it was when commits were listed. Any thread."""
        place, stamp = self._place, self._stamp
        if self._limit != self._state.settings.history_commits:
            return True
        return place is not None and stamp is not None and head_stamp(place[1].own, place[1].shared) != stamp

    def _look(self) -> None:
        """See whether HEAD or a setting is another than before."""
        limit = self._state.settings.history_commits
        has_moved = self._is_listed and self._has_moved()
        if limit != self._limit:
            self._limit, self._is_opened = limit, False
        if has_moved:
            self._is_listed = False
            self._state.history = replace(self._state.history, is_read=False)
            self._state.publish()

    # -- the work

    def run(self, budget: Budget) -> None:
        """Do one step: take what was read, have more read, or translate some messages."""
        try:
            self._step()
        except (StoreError, MemoryLimitError) as error:  # It costs nobody the index.
            self._drop_store()
            self._is_opened = True
            self._fail(error)

    def _step(self) -> None:
        if not self._is_opened:
            self._open()
        elif self._thread is not None:
            self._wait()
        elif not self._is_listed:
            self._list()
        elif len(self._state.history.untranslated):
            self._translate_some()
        elif self._store is not None and (ids := self._store.pending(BATCH)):
            self._state.check_memory()
            assert self._place is not None
            self._begin(partial(self._read, self._place[0], ids, self._depth))
        else:
            self._show()  # The model is another one than before.

    def _open(self) -> None:
        """Find the repository, and show what is known of it from before."""
        state = self._state
        self._is_opened = self._is_listed = True
        self._place, self._stamp, self._message = None, None, ""
        folder = state.storage.folder
        if not self._limit:
            self._drop_store()
            if folder is not None:
                _remove(folder / HISTORY_FILE)
            self._show(OFF)
            return
        root = repository_around(str(state.folder))
        git = git_folder(root) if root is not None else None
        if root is None or git is None:
            self._drop_store()
            self._show(_no_repository(state.folder))
            return
        below = state.folder.relative_to(root).as_posix()
        self._place = Repository(Path(root), "" if below == "." else f"{below}/"), git
        if self._store is None:
            self._store = HistoryStore(folder)
        if self._store.meta("root") not in {"", str(root)}:
            self._store.start_anew()
        self._is_listed = False
        self._show()

    def _begin(self, work: Callable[[], Taken]) -> None:
        """Do work on a thread; what it returns is called by the writer thread."""

        def run() -> None:
            lower_priority()
            try:
                self._result = work()
            except CancelledError:
                self._result = None
            except Exception as error:
                self._result = partial(self._fail, error)

        self._thread = threading.Thread(target=run, name="cognate-history", daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        assert self._thread is not None
        self._thread.join(POLL_S)  # No longer: who waits for the index does not wait for this.
        if not self._thread.is_alive():
            result, self._thread, self._result = self._result, None, None
            if result is not None:
                result()

    def _between(self) -> None:
        if self._closing.is_set():
            raise CancelledError("The folder is being closed.")
        self._state.services.gate.give_way()

    def _fail(self, error: Exception) -> None:
        """Say what is wrong, and try again later."""
        if not isinstance(error, CognateError):
            log.error("The history of %s could not be read", self._state.folder, exc_info=error)
        self._is_listed, self._retry_at = True, time.monotonic() + RETRY_S
        self._show(str(error), has_failed=True)

    # -- which commits

    def _list(self) -> None:
        assert self._place is not None
        assert self._store is not None
        repository, git = self._place
        self._stamp = head_stamp(git.own, git.shared)
        shape = f"{self._limit} {git.shared} {repository.below} {self._stamp.stamps[1]}"
        before = self._store.meta("head") if self._store.meta("shape") == shape else ""
        self._begin(
            lambda: partial(self._take_listing, list_commits(repository, git.shared, before, self._limit), shape)
        )

    def _take_listing(self, listing: Listing, shape: str) -> None:
        store = self._store
        assert store is not None
        assert self._place is not None
        known = store.all_ids()
        known_set = set(known)
        if listing.is_whole:
            wanted = set(listing.commits)
            gone = [name for name in known if name not in wanted]
            missing = [name for name in listing.commits if name not in known_set]
        else:
            lost = set(listing.lost)
            missing = [name for name in listing.commits if name not in known_set]
            kept = [name for name in known if name not in lost]
            room = max(0, self._limit - len(missing))
            gone = [name for name in known if name in lost] + kept[room:]
        if gone:
            store.remove(gone)
            n_gone = int(store.meta("gone") or 0) + len(gone)
            store.remember(gone=str(n_gone))
            if n_gone > max(MOST_GONE, len(known)):
                store.start_anew()
                self._stamp = None
                self._show()
                return
        first_known = next((at for at, name in enumerate(listing.commits) if name in known_set), len(missing))
        newer = missing[:first_known]
        if missing[first_known:]:
            store.want(missing[first_known:], older=True)
        root = str(self._place[0].root)
        store.want(newer, head=listing.head, shape=shape, root=root)
        self._is_listed = True
        self._depth = Depth.FILES if listing.is_partial else Depth.LINES
        self._message = PARTIAL if listing.is_partial else SHALLOW if listing.is_shallow else ""
        if not listing.head or not (missing or set(known) - set(gone)):
            self._message = NO_COMMIT
        self._show()

    # -- what is in them

    def _read(self, repository: Repository, ids: list[str], depth: Depth) -> Taken:
        read, unreadable = read_batch(repository, ids, depth, self._between)
        return partial(self._keep, read, unreadable)

    def _keep(self, commits: list[ReadCommit], unreadable: list[str]) -> None:
        assert self._store is not None
        self._store.add(commits, unreadable)
        self._show()

    def _show(self, message: str = "", *, has_failed: bool = False) -> None:
        """Show readers what is known now; nobody waits for more after a failure."""
        store, old = self._store, self._state.history
        if store is None:
            self._state.history = HistoryView(message=message or self._message, has_moved=self._has_moved)
        else:
            rows = store.rows("SELECT number, date, n_words FROM commits ORDER BY number")
            numbers, dates, n_words = np.array(rows, np.int64).reshape(-1, 3).T.copy()
            told = " ".join(filter(None, (message or self._message, "" if store.has_words else NO_WORDS)))
            view = HistoryView(
                store,
                numbers,
                dates,
                n_words,
                message=told,
                is_read=has_failed or (self._is_listed and not store.n_pending),
                has_moved=self._has_moved,
            )
            self._state.history = self._with_meaning(view, old)
        self._state.publish()

    # -- what they mean

    def _meaning(self) -> Meaning:
        """Return how messages are compared, the same until the model is another one."""
        model = self._state.model
        if model is not self._compared_by or self._comparing is None:
            translator = self._state.services.translator
            self._comparing = Meaning(
                translator.of_query if translator is not None else None,
                partial(_similarities, model) if model is not None else None,
            )
            self._compared_by = model
        return self._comparing

    def _with_meaning(self, view: HistoryView, old: HistoryView) -> HistoryView:
        """Return a view with what the one before it knows of meaning."""
        translator = self._state.services.translator
        if translator is None:
            return replace(view, meaning=self._meaning())
        translated = np.full((view.n_commits, translator.dimensions), np.nan, np.float16)
        if old.translated.size:
            stays = np.isin(old.numbers, view.numbers)
            translated[view.rows_of(old.numbers[stays])] = old.translated[stays]
        return replace(view, translated=translated, meaning=self._meaning())

    def _translate_some(self) -> None:
        """Translate the newest messages that were not yet."""
        state, view = self._state, self._state.history
        translator = state.services.translator
        assert translator is not None
        rows = view.untranslated[-MESSAGES_A_STEP:].tolist()
        texts = view.messages(rows)
        translated = view.translated.copy()
        translated[rows] = translator.of_texts([texts.get(row, "") for row in rows])
        state.has_worked = True
        state.history = replace(view, translated=translated)
        state.publish()

    # -- the end

    def _drop_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            self._state.history = NO_HISTORY  # Before it is closed: a question that fails is asked again.
            self._state.publish()
            store.close()

    def close(self) -> None:
        """End the thread, and close what is on disk."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(END_S)
        self._drop_store()


def _similarities(model: Model, question: str, messages: Sequence[str]) -> NDArray[np.float32]:
    """Return the cosine of a question with each message; on the thread that asks."""
    try:
        return model.vectors(messages) @ model.encoder.encode_query(question)
    except ModelError as error:
        log.warning("Messages of commits are not compared by the model: %s", error)
        return np.zeros(len(messages), np.float32)


def _no_repository(folder: Path) -> str:
    """Return why a folder has no history, and what lies in it that has one."""
    try:
        inner = sorted(child.name for child in folder.iterdir() if git_folder(str(child)) is not None)
    except OSError:
        inner = []
    return f"{NO_REPOSITORY} {INNER.format(', '.join(inner[:MOST_INNER]))}" if inner else NO_REPOSITORY


def _remove(file: Path) -> None:
    """Remove what is kept of a history that is not wanted any more."""
    try:
        remove_database(file)
    except OSError as error:
        raise StoreError(f"The history cannot be removed: {error}") from error
