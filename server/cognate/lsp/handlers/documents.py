"""``textDocument/did*`` and ``workspace/didChangeWatchedFiles``: keeps buffers in step and passes changes on.

Runs on the event loop for each keystroke: no IO, nothing slow. Documents outside all folders are kept, and ignored.
"""

import logging

from cognate.lsp.documents import apply_edit
from cognate.lsp.session import Session
from cognate.lsp.standard import ChangeParams, OpenParams

log = logging.getLogger(__name__)


def did_open(session: Session, params: OpenParams) -> None:
    """Let the buffer stand for the file."""
    session.set_buffer(params.uri, params.text)


def did_change(session: Session, params: ChangeParams) -> None:
    """Apply the edits, in order."""
    text = session.buffers.get(params.uri)
    if text is None and not (params.edits and params.edits[0].range is None):
        log.warning("Ignored an edit to a document that is not open.")
        return
    text = text or ""
    for edit in params.edits:
        text = apply_edit(text, edit, session.encoding)
    session.set_buffer(params.uri, text)


def did_close(session: Session, uri: str) -> None:
    """Let the file speak for itself again."""
    session.drop_buffer(uri)


def did_save(session: Session, uri: str) -> None:
    """Pass on that the file changed."""
    session.note_changed((uri,))


def did_change_watched_files(session: Session, uris: tuple[str, ...]) -> None:
    """Pass on which files changed; whether they came or went is for the disk to say."""
    session.note_changed(uris)
