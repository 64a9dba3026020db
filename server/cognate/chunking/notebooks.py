"""Jupyter notebooks: which cells one has, and in which language each is written. Pure; chunks nothing itself."""

import json
from dataclasses import dataclass
from typing import Any, cast

from cognate.languages.registry import MARKDOWN, TEXT, known_name, language_of


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that has a source.

    Attributes:
        index: its position among all cells of the notebook, from 0.
        language: name of a grammar, ``markdown`` or ``text``.
        text: its source.
    """

    index: int
    language: str
    text: str


def read_notebook(text: str) -> list[Cell] | None:
    """Read the cells of a notebook, outputs left out; None when the text is no notebook."""
    try:
        notebook: Any = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(notebook, dict):
        return None
    document = cast("dict[str, Any]", notebook)
    kernel = _kernel_language(document.get("metadata"))
    entries = document.get("cells")
    if entries is None:  # Up to format 3 cells stood in worksheets.
        sheets = document.get("worksheets")
        first: Any = cast("list[Any]", sheets)[0] if isinstance(sheets, list) and sheets else None
        entries = cast("dict[str, Any]", first).get("cells") if isinstance(first, dict) else None
    if not isinstance(entries, list):
        return None
    cells: list[Cell] = []
    for index, entry in enumerate(cast("list[Any]", entries)):
        if isinstance(entry, dict):
            cell = cast("dict[str, Any]", entry)
            source = _whole_characters(_joined(cell.get("source", cell.get("input"))))
            if source.strip():
                cells.append(Cell(index, _cell_language(cell.get("cell_type"), kernel), source))
    return cells


def source_bytes(text: str) -> int:
    """Return how many bytes the sources of a notebook's cells have; of what is no notebook, all."""
    cells = read_notebook(text)
    texts = [text] if cells is None else [cell.text for cell in cells]
    return sum(len(part.encode()) for part in texts)


def _joined(source: Any) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, list):
        return "".join(part for part in cast("list[Any]", source) if isinstance(part, str))
    return ""


def _whole_characters(text: str) -> str:
    """Return a text without the halves of characters that JSON can hold, which no store and no model takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _cell_language(cell_type: Any, kernel: str) -> str:
    if cell_type == "markdown":
        return MARKDOWN
    return kernel if cell_type == "code" else TEXT


def _kernel_language(metadata: Any) -> str:
    """Name the grammar of the kernel; a notebook that says nothing is taken for Python."""
    if not isinstance(metadata, dict):
        return "python"
    for section, field in (("language_info", "name"), ("kernelspec", "language"), ("kernelspec", "name")):
        entry: Any = cast("dict[str, Any]", metadata).get(section)
        name: Any = cast("dict[str, Any]", entry).get(field) if isinstance(entry, dict) else None
        if isinstance(name, str) and name:
            name = name.lower()
            known = known_name(name) or known_name(name.rstrip("0123456789.")) or language_of(f"cell.{name}")
            if known:
                return known
    return TEXT if "language_info" in metadata or "kernelspec" in metadata else "python"
