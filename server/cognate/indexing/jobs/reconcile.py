"""Compares the index with the folder, and queues what differs."""

from cognate.indexing.clean_marker import FAILED_RULE
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.state import FolderState
from cognate.workspace.files import walk_with_verdicts
from cognate.workspace.ignore import CELLS_RULE


class Reconcile:
    """A walk of the whole folder, when it was opened, rules have changed, or nobody knows what did."""

    phase = Phase.RECONCILE

    def __init__(self, state: FolderState) -> None:
        self._state = state
        self._is_wanted = True
        self._everything = False

    def want(self, *, everything: bool = False) -> None:
        """Compare again; ``everything`` reads every file again."""
        self._is_wanted = True
        self._everything |= everything

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while a comparison is wanted."""
        return 0.0 if self._is_wanted or self._state.rules_changed else None

    def run(self, budget: Budget) -> None:
        """Walk the folder, and queue the files that differ; open ones first."""
        state = self._state
        state.read_rules()
        everything, self._is_wanted, self._everything = self._everything, False, False
        opened = state.buffers.paths()
        different: list[str] = []
        seen: set[str] = set()
        files = state.index.saved.files
        for path, stamp, verdict in walk_with_verdicts(state.folder, state.rules):
            seen.add(path)
            entry = files.get(path)
            current = entry is not None and entry.stamp == stamp and entry.rule != FAILED_RULE
            if entry is not None and entry.rule:
                # It was re-included by name, or its cells are allowed to be larger, perhaps after it was left out.
                current &= not (verdict.re_included or entry.rule.startswith(CELLS_RULE))
            if everything or not current:
                different.append(path)
        different.extend(path for path in files if path not in seen)
        state.backlog.update(dict.fromkeys(sorted(different, key=lambda path: (path not in opened, path))))
        state.publish()
