"""What the tools need of an engine, and nothing else of it; whatever has these methods can answer them.

Any thread may call them. ``search``, ``related`` and ``wait_until_current`` block.
"""

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Protocol

from cognate.cancellation import CancelToken
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.types import Answer, Explanation, Status, Symbol


class EngineFace(Protocol):
    """One folder's index, as agents ask it; ``cognate.engine.Engine`` is one."""

    folder: Path

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """Answer a search by meaning."""
        ...

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """Answer what code is like that in a span of lines."""
        ...

    def status(self) -> Status:
        """Return how far the index is."""
        ...

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        """Block until all changes that are known are searchable; return False when the time ran out."""
        ...

    def paths(self) -> AbstractSet[str]:
        """Return the files in the index."""
        ...

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        """Return the definitions in a file, in order."""
        ...

    def referrers(self, path: str) -> tuple[str, ...]:
        """Return the files that refer to a file, the strongest reference first."""
        ...

    def explain(self, path: str) -> Explanation:
        """Say whether a file is indexed, and the one rule that decided."""
        ...
