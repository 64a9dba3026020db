"""Pending changes of a workspace, coalesced: a set of paths, a quiet time, a longest wait. Pure; time comes in."""

import math
from collections.abc import Iterable

LONGEST_WAIT_FACTOR = 5  # A file that changes without rest is read after five quiet times at the latest.


class PendingChanges:
    """Paths that changed, kept until they have rested for the quiet time. Guarded by its owner's lock."""

    def __init__(self, quiet_s: float) -> None:
        self.quiet_s = quiet_s
        self._paths: dict[str, bool] = {}  # Whether all that is known to have changed is what a buffer holds.
        self._due_at = 0.0
        self._latest_at = 0.0
        self._noted_at = -math.inf

    def __len__(self) -> int:
        return len(self._paths)

    def note(self, paths: Iterable[str], *, now: float, urgent: bool = False, typed: bool = False) -> None:
        """Remember paths.

        Args:
            paths: what changed.
            now: in seconds.
            urgent: these are due at once, together with all others.
            typed: a person edits them in buffers, and nothing is said of their files: the first edit after a rest is
                due at once, those that follow wait for a rest.
        """
        urgent = urgent or (typed and not self._paths and now - self._noted_at >= self.quiet_s)
        self._noted_at = now
        if not self._paths:
            self._latest_at = now + self.quiet_s * LONGEST_WAIT_FACTOR
            self._due_at = self._latest_at
        before = len(self._paths)
        for path in paths:
            self._paths[path] = typed and self._paths.get(path, True)
        if urgent:
            self._due_at = now
        elif before == 0 or self._due_at > now:
            self._due_at = min(now + self.quiet_s, self._latest_at)

    def wait_s(self, now: float) -> float | None:
        """Return how long until the changes are due, 0 when they are, None when there are none."""
        return max(0.0, self._due_at - now) if self._paths else None

    def take(self, now: float) -> dict[str, bool]:
        """Return the paths, each with whether it was only typed in, and forget them, if they are due; else nothing."""
        if not self._paths or now < self._due_at:
            return {}
        paths, self._paths = self._paths, {}
        return paths
