"""``notebookDocument/did*``: an open notebook stands for its file, and a cell's URI is found in it. State changes.

Runs on the event loop for each keystroke, no IO.
"""

from lsprotocol import types

from cognate.lsp.notebooks import OpenNotebook
from cognate.lsp.session import Session


def did_open(session: Session, params: types.DidOpenNotebookDocumentParams) -> None:
    """Let the notebook as the client shows it stand for its file."""
    uri = params.notebook_document.uri
    session.notebooks[uri] = OpenNotebook.opened(params.notebook_document.cells, params.cell_text_documents)
    _set_text(session, uri)


def did_change(session: Session, params: types.DidChangeNotebookDocumentParams) -> None:
    """Follow cells that came, went or moved, and what is typed in them."""
    uri, cells = params.notebook_document.uri, params.change.cells
    if uri in session.notebooks and cells is not None:
        session.notebooks[uri].change(cells, session.encoding)
        _set_text(session, uri)


def did_save(session: Session, params: types.DidSaveNotebookDocumentParams) -> None:
    """Pass on that the file changed."""
    session.note_changed((params.notebook_document.uri,))


def did_close(session: Session, params: types.DidCloseNotebookDocumentParams) -> None:
    """Let the file speak for itself again."""
    if session.notebooks.pop(params.notebook_document.uri, None) is not None:
        session.drop_text(params.notebook_document.uri)


def _set_text(session: Session, uri: str) -> None:
    text = session.notebooks[uri].as_file()
    if text is not None and text != session.texts.get(uri):
        session.set_text(uri, text)
