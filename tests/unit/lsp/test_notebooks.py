"""An open notebook follows its client and reads as a file with the same cells."""

import json

from cognate.chunking.notebooks import Cell, read_notebook
from cognate.lsp.decode import Position, Range
from cognate.lsp.notebooks import OpenNotebook
from cognate.lsp.standard import (
    CellText,
    ChangeParams,
    Edit,
    NotebookCell,
    NotebookChangeParams,
    NotebookOpenParams,
)


def code(name: str) -> NotebookCell:
    return NotebookCell(name, is_markup=False)


def text(name: str, source: str, language: str = "python") -> CellText:
    return CellText(name, language, source)


def opened() -> OpenNotebook:
    cells = (NotebookCell("title", is_markup=True), code("first"), code("second"))
    texts = (text("title", "# Title", "markdown"), text("first", "a = 1"), text("second", "b = 2"))
    return OpenNotebook.opened(NotebookOpenParams("n.ipynb", cells, texts))


def check(notebook: OpenNotebook, *expected: tuple[str, str]) -> None:
    written = notebook.as_file()
    assert written is not None
    assert read_notebook(written) == [Cell(index, *cell) for index, cell in enumerate(expected)]


def test_an_open_notebook_reads_as_a_file_with_its_cells() -> None:
    check(opened(), ("markdown", "# Title"), ("python", "a = 1"), ("python", "b = 2"))


def test_what_is_typed_in_a_cell_is_in_the_file() -> None:
    notebook = opened()
    start, end = Position(0, 4), Position(0, 5)
    typed = (
        ChangeParams("first", (Edit("10", Range(start, end)), Edit("# done\n", Range(Position(0, 0), Position(0, 0))))),
    )
    notebook.change(NotebookChangeParams("n.ipynb", edits=(*typed, ChangeParams("unknown", (Edit("x"),)))), "utf-16")
    check(notebook, ("markdown", "# Title"), ("python", "# done\na = 10"), ("python", "b = 2"))


def test_cells_come_and_go() -> None:
    notebook = opened()
    new = (code("third"),)
    texts = (text("third", "c = 3"),)
    notebook.change(NotebookChangeParams("n.ipynb", 0, 2, new, texts), "utf-16")
    check(notebook, ("python", "c = 3"), ("python", "b = 2"))
    assert notebook.index_of("second") == 1
    assert notebook.index_of("first") is None
    assert set(notebook.texts) == {"second", "third"}


def test_a_notebook_whose_texts_are_not_all_known_stands_for_nothing() -> None:
    notebook = opened()
    notebook.change(NotebookChangeParams("n.ipynb", 3, 0, (code("unknown"),)), "utf-16")
    assert notebook.as_file() is None


def test_the_language_is_that_of_the_code_and_raw_cells_stay_raw() -> None:
    cells = (code("r"), code("j"))
    notebook = OpenNotebook.opened(
        NotebookOpenParams("n.ipynb", cells, (text("r", "raw words", "raw"), text("j", "x = 1", "julia")))
    )
    check(notebook, ("text", "raw words"), ("julia", "x = 1"))
    assert json.loads(notebook.as_file() or "")["nbformat"] == 4
