"""Hints at new definitions in open documents that do the same as one elsewhere, as diagnostics of severity Hint.

A definition is new whose text did not stand in the document when it was opened. Documents are looked at when their
folder's index has been in step with them for a moment. Runs on the event loop; engines are asked on the executor.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from cognate.duplicates import Cluster
from cognate.errors import CognateError
from cognate.lsp import convert
from cognate.lsp.progress import ProgressLink
from cognate.search.request import TwinsRequest
from cognate.text_edits import code_units, line_at
from cognate.types import State, Status, Symbol
from cognate.uris import child_uri

if TYPE_CHECKING:
    from cognate.lsp.asked import Asked
    from cognate.lsp.folders import Folder

log = logging.getLogger(__name__)

SOURCE = "cognate"
CODE = "duplicate"

REST_S = 1.0
"""How long an index must have been in step before documents are looked at: nobody is told in the middle of a word."""

SIGNATURE_LINES = 3
"""The name stands on one of a definition's first lines."""


class DuplicateHints:
    """Knows what documents held when they were opened, and which have hints.

    Args:
        link: where diagnostics are sent.
        spawn: runs a task in the background.
        asked: returns the session's state as it is now.
    """

    def __init__(
        self,
        link: ProgressLink,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        asked: "Callable[[], Asked]",
    ) -> None:
        self.shows_related = False
        self._link = link
        self._spawn = spawn
        self._asked = asked
        self._opened: dict[str, str] = {}
        self._shown: set[str] = set()
        self._generations: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def note_text(self, uri: str, text: str) -> None:
        """Remember what a document held when it was opened."""
        self._opened.setdefault(uri, text)

    def drop_text(self, uri: str) -> None:
        """Forget a document that was closed, and take its hints away."""
        self._opened.pop(uri, None)
        self._publish(uri, [])

    def note_status(self, folder: "Folder", status: Status) -> None:
        """Look at a folder's documents soon, if its index changed and is in step with them."""
        generation = status.index.generation
        wanted = folder.settings.duplicate_hints and status.index.state is State.READY
        if wanted and self._generations.get(folder.uri) != generation:
            self._generations[folder.uri] = generation
            self._look_soon(folder.uri)

    def note_settings(self, folder: "Folder") -> None:
        """Take all hints of a folder away, or look for them, as its settings say."""
        if folder.settings.duplicate_hints:
            self._look_soon(folder.uri)
        else:
            self._generations.pop(folder.uri, None)
            for uri, _ in self._documents_of(self._asked(), folder.uri):
                self._publish(uri, [])

    def close(self) -> None:
        """Look at nothing any more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._opened.clear()

    def _look_soon(self, folder_uri: str) -> None:
        if folder_uri in self._timers:
            self._timers[folder_uri].cancel()
        loop = asyncio.get_running_loop()
        self._timers[folder_uri] = loop.call_later(REST_S, self._look, folder_uri)

    def _look(self, folder_uri: str) -> None:
        self._timers.pop(folder_uri, None)
        self._spawn(self._look_at_documents(folder_uri), "looking for duplicates")

    async def _look_at_documents(self, folder_uri: str) -> None:
        asked = self._asked()
        for uri, path in self._documents_of(asked, folder_uri):
            text, before = asked.texts[uri], self._opened[uri]
            twins = await self._twins(asked, uri, TwinsRequest(path, text=text, known=before)) if text != before else ()
            if twins is not None and self._asked().texts.get(uri) is text:
                self._publish(uri, [self._diagnostic(asked, folder_uri, twin, text) for twin in twins])

    async def _twins(self, asked: "Asked", uri: str, request: TwinsRequest) -> tuple[Cluster, ...] | None:
        owner = asked.owner(uri)
        engine = owner[0].engine if owner is not None else None
        if engine is None:
            return None
        try:
            return (await asked.executor.run(lambda token: engine.twins(request, token))).clusters
        except CognateError as error:
            log.info("Looking for duplicates: %s", error)
            return None

    def _documents_of(self, asked: "Asked", folder_uri: str) -> list[tuple[str, str]]:
        """Return the open documents of a folder, with their paths in it."""
        owners = [(uri, asked.owner(uri)) for uri in self._opened if uri in asked.texts and not convert.is_cell(uri)]
        return [(uri, owner[1]) for uri, owner in owners if owner is not None and owner[0].uri == folder_uri]

    def _diagnostic(self, asked: "Asked", folder_uri: str, twin: Cluster, text: str) -> types.Diagnostic:
        definition, other = twin.members
        where = types.Location(
            child_uri(folder_uri, other.path), convert.whole_lines(other.start_line, other.start_line + 1)
        )
        name = f"{other.path}: {other.symbol.qualified}"
        related = [types.DiagnosticRelatedInformation(where, f"{other.symbol.qualified} does the same")]
        return types.Diagnostic(
            range=name_range(text, definition.symbol, asked.encoding),
            message=f"Looks like {name}",
            severity=types.DiagnosticSeverity.Hint,
            code=CODE,
            source=SOURCE,
            related_information=related if self.shows_related else None,
        )

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        if diagnostics or uri in self._shown:
            (self._shown.add if diagnostics else self._shown.discard)(uri)
            params = types.PublishDiagnosticsParams(uri, diagnostics)
            self._link.notify(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params)


def name_range(text: str, symbol: Symbol, encoding: str) -> types.Range:
    """Return where a definition's name stands in a text, or the first line of the definition."""
    for number in range(symbol.start_line, symbol.start_line + SIGNATURE_LINES):
        line = line_at(text, number)
        before, found, _ = line.partition(symbol.name)
        if found:
            start = code_units(before, encoding)
            end = start + code_units(found, encoding)
            return types.Range(types.Position(number, start), types.Position(number, end))
    return convert.line_range(symbol.start_line, line_at(text, symbol.start_line), encoding)
