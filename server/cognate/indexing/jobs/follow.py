"""Takes over what another process, which writes the index, has committed."""

import time

from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.buffers import Buffers
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.state import FolderState


class Follow:
    """A look at the writing process, and the vectors that it has found."""

    phase = Phase.FOLLOW

    def __init__(self, state: FolderState, buffers: Buffers, embed: Embed) -> None:
        self._state = state
        self._buffers = buffers
        self._embed = embed

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return in how many seconds to look again."""
        return self._state.storage.follow_in_s(now)

    def run(self, budget: Budget) -> None:
        """Look once."""
        state = self._state
        began = time.monotonic()
        if state.storage.follow(state.index) | self._embed.take_known():
            self._buffers.note(state.unsaved.paths)
            state.publish()
        state.storage.followed(began)
