"""``workspace/didChangeConfiguration`` and ``workspace/didChangeWorkspaceFolders``. Runs on the event loop, no IO."""

from typing import Any

from cognate.lsp.session import Session
from cognate.lsp.standard import FoldersChangeParams


def did_change_configuration(session: Session, sent: dict[str, Any]) -> None:
    """Take the new settings."""
    session.change_settings(sent)


def did_change_folders(session: Session, params: FoldersChangeParams) -> None:
    """Open and close folders."""
    session.change_folders(params.added, params.removed)
