"""``textDocument/did*`` and ``workspace/did*``: keeps the session in step with the client. State changes.

Runs on the event loop for each keystroke: no IO, nothing slow. Documents outside all folders are kept, and ignored.
"""

import logging

from lsprotocol import types

from cognate.lsp.documents import apply_edits
from cognate.lsp.session import Session

log = logging.getLogger(__name__)


def did_open(session: Session, params: types.DidOpenTextDocumentParams) -> None:
    """Let the buffer stand for the file."""
    session.set_text(params.text_document.uri, params.text_document.text)


def did_change(session: Session, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits, in order."""
    uri, edits = params.text_document.uri, params.content_changes
    text = session.texts.get(uri)
    if text is None and not (edits and isinstance(edits[0], types.TextDocumentContentChangeWholeDocument)):
        log.warning("Ignored an edit to a document that is not open.")
        return
    session.set_text(uri, apply_edits(text or "", edits, session.encoding))


def did_close(session: Session, params: types.DidCloseTextDocumentParams) -> None:
    """Let the file speak for itself again."""
    session.drop_text(params.text_document.uri)


def did_save(session: Session, params: types.DidSaveTextDocumentParams) -> None:
    """Pass on that the file changed."""
    session.note_changed((params.text_document.uri,))


def did_change_watched_files(session: Session, params: types.DidChangeWatchedFilesParams) -> None:
    """Pass on which files changed; whether they came or went is for the disk to say."""
    session.note_changed([change.uri for change in params.changes])


def did_change_configuration(session: Session, params: types.DidChangeConfigurationParams) -> None:
    """Take the new settings."""
    session.change_settings(params.settings)


def did_change_folders(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Open and close folders."""
    session.change_folders(params.event.added, params.event.removed)
