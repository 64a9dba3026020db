"""What a watcher and the observer that serves it have to know of each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from watchdog.events import FileSystemEventHandler


@dataclass(frozen=True, slots=True)
class Hooks:
    """What an observer asks and tells its watcher; called on the observer's threads.

    Attributes:
        is_included: whether a folder, relative to the watched one, is to be watched.
        unsure: something changed, and nobody knows what.
        again: events were lost; watch anew.
        lost: the folder can no longer be watched, and why.
        since: seconds since the epoch; what changed later, before its folder was watched, makes ``unsure``.
    """

    is_included: Callable[[str], bool]
    unsure: Callable[[], None]
    again: Callable[[], None]
    lost: Callable[[OSError], None]
    since: float


class Observer(Protocol):
    """What a watcher needs of watchdog's observers."""

    def schedule(self, event_handler: FileSystemEventHandler, path: str, *, recursive: bool) -> Any:
        """Have events below a folder handled."""
        ...

    def start(self) -> None:
        """Begin; raises OSError when the folder cannot be watched."""
        ...

    def stop(self) -> None:
        """Ask the threads to end."""
        ...

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        ...

    @property
    def event_queue(self) -> Any:
        """The events that are still to be handled."""
        ...
