"""An open notebook, kept in step with the client's edits, and its cells as a notebook file would hold them.

Outputs never come here, so what is indexed of an open notebook is its sources alone, as of a saved one.
Called on the event loop for each keystroke: no IO.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lsprotocol.types import NotebookCell, NotebookCellKind, NotebookDocumentCellChanges, TextDocumentItem

from cognate.lsp.documents import apply_edits

RAW_LANGUAGE = "raw"  # Editors show raw cells as code in this language.
NOTEBOOK_FORMAT = 4


@dataclass(slots=True)
class OpenNotebook:
    """The cells in order and the text of each, by the cell's URI."""

    cells: list[NotebookCell]
    texts: dict[str, TextDocumentItem] = field(default_factory=dict[str, TextDocumentItem])

    @classmethod
    def opened(cls, cells: Iterable[NotebookCell], texts: Iterable[TextDocumentItem]) -> "OpenNotebook":
        """Return a notebook as the client opened it."""
        return cls(list(cells), {text.uri: text for text in texts})

    def change(self, changes: NotebookDocumentCellChanges, encoding: str) -> None:
        """Follow cells that came, went or moved, and what was typed; an edit of an unknown cell is ignored."""
        if changes.structure is not None:
            array = changes.structure.array
            self.cells[array.start : array.start + array.delete_count] = array.cells or ()
            self.texts.update((text.uri, text) for text in changes.structure.did_open or ())
            present = {cell.document for cell in self.cells}
            self.texts = {uri: text for uri, text in self.texts.items() if uri in present}
        for change in changes.text_content or ():
            known = self.texts.get(change.document.uri)
            if known is not None:
                text = apply_edits(known.text, change.changes, encoding)
                self.texts[known.uri] = TextDocumentItem(known.uri, known.language_id, known.version, text)

    def as_file(self) -> str | None:
        """Return the text of a notebook file with these cells; None while the text of a cell is not known."""
        if not all(cell.document in self.texts for cell in self.cells):
            return None
        code = [self.texts[cell.document].language_id for cell in self.cells if cell.kind is not MARKUP]
        language = next((language for language in code if language and language != RAW_LANGUAGE), "python")
        cells: list[dict[str, Any]] = [
            {"cell_type": self._type_of(cell), "source": self.texts[cell.document].text} for cell in self.cells
        ]
        metadata = {"language_info": {"name": language}}
        return json.dumps({"cells": cells, "metadata": metadata, "nbformat": NOTEBOOK_FORMAT})

    def _type_of(self, cell: NotebookCell) -> str:
        if cell.kind is MARKUP:
            return "markdown"
        return "raw" if self.texts[cell.document].language_id == RAW_LANGUAGE else "code"


MARKUP = NotebookCellKind.Markup
