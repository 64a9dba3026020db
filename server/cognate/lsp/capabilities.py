"""What the client can do, read once from ``initialize``. Pure."""

from dataclasses import dataclass
from typing import Any

from lsprotocol.types import ClientCapabilities, MarkupKind
from pygls.capabilities import get_capability


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """The abilities that change what the server does.

    Attributes:
        watches_files: it can watch files for the server, registered at run time.
        has_configuration: it answers ``workspace/configuration``.
        registers_configuration: it reports changed settings only when asked at run time.
        shows_progress: the server may start work-done progress.
        refreshes_lenses: it fetches lenses anew when told.
        markdown_hover: hovers may be Markdown.
    """

    watches_files: bool = False
    has_configuration: bool = False
    registers_configuration: bool = False
    shows_progress: bool = False
    refreshes_lenses: bool = False
    markdown_hover: bool = False


def read_features(capabilities: ClientCapabilities) -> ClientFeatures:
    """Return what of a client's capabilities matters here."""

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, False))

    formats: Any = get_capability(capabilities, "text_document.hover.content_format", None) or ()
    return ClientFeatures(
        watches_files=has("workspace.did_change_watched_files.dynamic_registration"),
        has_configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        shows_progress=has("window.work_done_progress"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        markdown_hover=MarkupKind.Markdown in formats,
    )
