"""What an editor has open, so that another server can be told: documents and notebooks, as JSON. Pure; any thread.

Follows the same notifications in the same way as the session of a server does; what a server would ignore as malformed
changes nothing here, either.
"""

from contextlib import suppress

from cognate.text_edits import edited

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

OPEN, CHANGE, CLOSE = (f"textDocument/did{what}" for what in ("Open", "Change", "Close"))
OPEN_NOTEBOOK, CHANGE_NOTEBOOK, CLOSE_NOTEBOOK = (f"notebookDocument/did{what}" for what in ("Open", "Change", "Close"))


class OpenTexts:
    """The open documents and notebooks of one editor.

    Attributes:
        encoding: in which the editor counts characters.
    """

    def __init__(self) -> None:
        self.encoding = "utf-16"
        self._documents: dict[str, dict[str, Any]] = {}
        self._edited: dict[str, tuple[object, str]] = {}  # Version and text.
        self._notebooks: dict[str, dict[str, Any]] = {}
        self._followed: dict[str, Callable[[Any], None]] = {
            OPEN: self._open,
            CHANGE: self._change,
            CLOSE: self._close,
            OPEN_NOTEBOOK: self._open_notebook,
            CHANGE_NOTEBOOK: self._change_notebook,
            CLOSE_NOTEBOOK: self._close_notebook,
        }

    def note(self, method: str, params: "Any") -> bool:
        """Follow a notification; return whether it is one about what is open."""
        follow = self._followed.get(method)
        if follow is not None:
            with suppress(KeyError, TypeError, ValueError, AttributeError):  # A server ignores it, too.
                follow(params)
        return follow is not None

    def told(self) -> "Iterator[tuple[str, Any]]":
        """Yield the notifications, method and params, that tell a server what is open.

        An edited document is opened as it was, and then changed: what stood in it from the beginning is of interest.
        """
        for uri, item in self._documents.items():
            yield OPEN, {"textDocument": item}
            if uri in self._edited:
                version, text = self._edited[uri]
                yield CHANGE, {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"text": text}]}
        for notebook in self._notebooks.values():
            yield OPEN_NOTEBOOK, notebook

    def _open(self, params: "Any") -> None:
        item = params["textDocument"]
        uri, _ = item["uri"], item["text"]
        self._edited.pop(uri, None)
        self._documents[uri] = item

    def _change(self, params: "Any") -> None:
        uri, version = params["textDocument"]["uri"], params["textDocument"]["version"]
        _, before = self._edited.get(uri) or (0, self._documents[uri]["text"])
        self._edited[uri] = version, _changed(before, params["contentChanges"], self.encoding)

    def _close(self, params: "Any") -> None:
        uri = params["textDocument"]["uri"]
        self._documents.pop(uri, None)
        self._edited.pop(uri, None)

    def _open_notebook(self, params: "Any") -> None:
        self._notebooks[params["notebookDocument"]["uri"]] = params

    def _change_notebook(self, params: "Any") -> None:
        uri = params["notebookDocument"]["uri"]
        notebook, changes = self._notebooks[uri], params["change"]["cells"]
        cells = list(notebook["notebookDocument"]["cells"])
        texts = {item["uri"]: item for item in notebook["cellTextDocuments"]}
        if (structure := changes.get("structure")) is not None:
            array = structure["array"]
            cells[array["start"] : array["start"] + array["deleteCount"]] = array.get("cells") or ()
            texts.update((item["uri"], item) for item in structure.get("didOpen") or ())
        for change in changes.get("textContent") or ():
            if (known := texts.get(change["document"]["uri"])) is not None:
                text = _changed(known["text"], change["changes"], self.encoding)
                texts[known["uri"]] = {**known, "text": text}
        present = [texts[cell["document"]] for cell in cells if cell["document"] in texts]
        opened = {**notebook["notebookDocument"], "cells": cells}
        self._notebooks[uri] = {"notebookDocument": opened, "cellTextDocuments": present}

    def _close_notebook(self, params: "Any") -> None:
        self._notebooks.pop(params["notebookDocument"]["uri"], None)


def _changed(text: str, changes: "Iterable[Any]", encoding: str) -> str:
    """Return a text after edits, one after the other.

    Raises:
        KeyError, TypeError, ValueError: for what is no edit.
    """
    for change in changes:
        new, span = change["text"], change.get("range")
        if not isinstance(new, str):
            raise TypeError
        text = new if span is None else edited(text, _place(span["start"]), _place(span["end"]), new, encoding)
    return text


def _place(position: "Any") -> tuple[int, int]:
    line, character = position["line"], position["character"]
    if type(line) is not int or type(character) is not int or line < 0 or character < 0:
        raise ValueError
    return line, character
