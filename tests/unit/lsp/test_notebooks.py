"""An open notebook follows its client and reads as a file with the same cells."""

import json
from typing import Any

from lsprotocol.types import (
    NotebookCell,
    NotebookCellArrayChange,
    NotebookCellKind,
    NotebookDocumentCellChanges,
    NotebookDocumentCellChangeStructure,
    NotebookDocumentCellContentChanges,
    Position,
    Range,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentContentChangeWholeDocument,
    TextDocumentItem,
    VersionedTextDocumentIdentifier,
)

from cognate.chunking.notebooks import Cell, read_notebook
from cognate.lsp.notebooks import OpenNotebook


def code(name: str) -> NotebookCell:
    return NotebookCell(NotebookCellKind.Code, name)


def text(name: str, source: str, language: str = "python") -> TextDocumentItem:
    return TextDocumentItem(name, language, 1, source)


def opened() -> OpenNotebook:
    cells = (NotebookCell(NotebookCellKind.Markup, "title"), code("first"), code("second"))
    texts = (text("title", "# Title", "markdown"), text("first", "a = 1"), text("second", "b = 2"))
    return OpenNotebook.opened(cells, texts)


def replaced(start: int, count: int, cells: Any, texts: Any = None) -> NotebookDocumentCellChanges:
    array = NotebookCellArrayChange(start, count, cells)
    return NotebookDocumentCellChanges(structure=NotebookDocumentCellChangeStructure(array, did_open=texts))


def typed(name: str, *edits: TextDocumentContentChangeEvent) -> NotebookDocumentCellContentChanges:
    return NotebookDocumentCellContentChanges(VersionedTextDocumentIdentifier(2, name), edits)


def check(notebook: OpenNotebook, *expected: tuple[str, str]) -> None:
    written = notebook.as_file()
    assert written is not None
    assert read_notebook(written) == [Cell(index, *cell) for index, cell in enumerate(expected)]


def test_an_open_notebook_reads_as_a_file_with_its_cells() -> None:
    check(opened(), ("markdown", "# Title"), ("python", "a = 1"), ("python", "b = 2"))


def test_what_is_typed_in_a_cell_is_in_the_file() -> None:
    notebook = opened()
    digit, begin = Range(Position(0, 4), Position(0, 5)), Range(Position(0, 0), Position(0, 0))
    edits = (TextDocumentContentChangePartial(digit, "10"), TextDocumentContentChangePartial(begin, "# done\n"))
    unknown = typed("unknown", TextDocumentContentChangeWholeDocument("x"))
    notebook.change(NotebookDocumentCellChanges(text_content=[typed("first", *edits), unknown]), "utf-16")
    check(notebook, ("markdown", "# Title"), ("python", "# done\na = 10"), ("python", "b = 2"))


def test_cells_come_and_go() -> None:
    notebook = opened()
    notebook.change(replaced(0, 2, [code("third")], [text("third", "c = 3")]), "utf-16")
    check(notebook, ("python", "c = 3"), ("python", "b = 2"))
    assert [cell.document for cell in notebook.cells] == ["third", "second"]
    assert set(notebook.texts) == {"second", "third"}


def test_a_notebook_whose_texts_are_not_all_known_stands_for_nothing() -> None:
    notebook = opened()
    notebook.change(replaced(3, 0, [code("unknown")]), "utf-16")
    assert notebook.as_file() is None


def test_the_language_is_that_of_the_code_and_raw_cells_stay_raw() -> None:
    cells = (code("r"), code("j"))
    notebook = OpenNotebook.opened(cells, (text("r", "raw words", "raw"), text("j", "x = 1", "julia")))
    check(notebook, ("text", "raw words"), ("julia", "x = 1"))
    assert json.loads(notebook.as_file() or "")["nbformat"] == 4
