"""``notebookDocument/*``: an open notebook stands for its file, and a cell's URI is found in it.

Runs on the event loop for each keystroke, no IO.
"""

from cognate.lsp.notebooks import OpenNotebook
from cognate.lsp.session import Session
from cognate.lsp.standard import NotebookChangeParams, NotebookOpenParams


def did_open(session: Session, params: NotebookOpenParams) -> None:
    """Let the notebook as the client shows it stand for its file."""
    session.notebooks[params.uri] = OpenNotebook.opened(params)
    _set_buffer(session, params.uri)


def did_change(session: Session, params: NotebookChangeParams) -> None:
    """Follow cells that came, went or moved, and what is typed in them."""
    notebook = session.notebooks.get(params.uri)
    if notebook is not None:
        notebook.change(params, session.encoding)
        _set_buffer(session, params.uri)


def did_save(session: Session, uri: str) -> None:
    """Pass on that the file changed."""
    session.note_changed((uri,))


def did_close(session: Session, uri: str) -> None:
    """Let the file speak for itself again."""
    if session.notebooks.pop(uri, None) is not None:
        session.drop_buffer(uri)


def _set_buffer(session: Session, uri: str) -> None:
    text = session.notebooks[uri].as_file()
    if text is not None and text != session.buffers.get(uri):
        session.set_buffer(uri, text)
