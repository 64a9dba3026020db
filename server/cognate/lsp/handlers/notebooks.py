"""``notebookDocument/*``: keeps the order of cells, so that a cell's URI can be found in the notebook's file.

Notebooks are indexed as saved; edits that are not saved yet are not seen. Runs on the event loop, no IO.
"""

from cognate.lsp.session import Session
from cognate.lsp.standard import NotebookChangeParams, NotebookOpenParams


def did_open(session: Session, params: NotebookOpenParams) -> None:
    """Remember the cells."""
    session.notebooks[params.uri] = list(params.cells)


def did_change(session: Session, params: NotebookChangeParams) -> None:
    """Follow cells that came, went or moved."""
    cells = session.notebooks.get(params.uri)
    if cells is not None and params.start is not None:
        cells[params.start : params.start + params.delete_count] = params.cells


def did_save(session: Session, uri: str) -> None:
    """Pass on that the file changed."""
    session.note_changed((uri,))


def did_close(session: Session, uri: str) -> None:
    """Forget the cells."""
    session.notebooks.pop(uri, None)
