"""An open notebook, kept in step with the client's edits, and its cells as a notebook file would hold them.

Outputs never come here, so what is indexed of an open notebook is its sources alone, as of a saved one.
Called on the event loop for each keystroke: no IO.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cognate.lsp.documents import apply_edit
from cognate.lsp.standard import CellText, NotebookCell, NotebookChangeParams, NotebookOpenParams

RAW_LANGUAGE = "raw"  # Editors show raw cells as code in this language.
NOTEBOOK_FORMAT = 4


@dataclass(slots=True)
class OpenNotebook:
    """The cells in order and the text of each, by the cell's URI."""

    cells: list[NotebookCell]
    texts: dict[str, CellText] = field(default_factory=dict[str, CellText])

    @classmethod
    def opened(cls, params: NotebookOpenParams) -> "OpenNotebook":
        """Return a notebook as the client opened it."""
        notebook = cls(list(params.cells))
        notebook._take(params.texts)
        return notebook

    def change(self, params: NotebookChangeParams, encoding: str) -> None:
        """Follow cells that came, went or moved, and what was typed; an edit of an unknown cell is ignored."""
        if params.start is not None:
            self.cells[params.start : params.start + params.delete_count] = params.cells
            self._take(params.opened)
            present = {cell.uri for cell in self.cells}
            self.texts = {uri: text for uri, text in self.texts.items() if uri in present}
        for change in params.edits:
            known = self.texts.get(change.uri)
            if known is not None:
                text = known.text
                for edit in change.edits:
                    text = apply_edit(text, edit, encoding)
                self.texts[change.uri] = CellText(known.uri, known.language, text)

    def index_of(self, uri: str) -> int | None:
        """Return a cell's place, None when it is not of this notebook."""
        return next((index for index, cell in enumerate(self.cells) if cell.uri == uri), None)

    def as_file(self) -> str | None:
        """Return the text of a notebook file with these cells; None while the text of a cell is not known."""
        if not all(cell.uri in self.texts for cell in self.cells):
            return None
        code = [self.texts[cell.uri].language for cell in self.cells if not cell.is_markup]
        language = next((language for language in code if language and language != RAW_LANGUAGE), "python")
        cells: list[dict[str, Any]] = [
            {"cell_type": self._type_of(cell), "source": self.texts[cell.uri].text} for cell in self.cells
        ]
        metadata = {"language_info": {"name": language}}
        return json.dumps({"cells": cells, "metadata": metadata, "nbformat": NOTEBOOK_FORMAT})

    def _type_of(self, cell: NotebookCell) -> str:
        if cell.is_markup:
            return "markdown"
        return "raw" if self.texts[cell.uri].language == RAW_LANGUAGE else "code"

    def _take(self, texts: Iterable[CellText]) -> None:
        self.texts.update((text.uri, text) for text in texts)
