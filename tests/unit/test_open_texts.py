"""What a relay believes to be open in an editor is what a server of that editor believes."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import DidChangeTextDocumentParams, PositionEncodingKind
from pygls.workspace import PositionCodec, TextDocument

from cognate.errors import InvalidRequestError
from cognate.lsp import codec
from cognate.lsp.handlers import documents, notebooks
from cognate.lsp.server import CHANGES
from cognate.open_texts import OpenTexts

URI, NOTEBOOK = "file:///w/a.py", "file:///w/n.ipynb"
ENCODINGS = ("utf-8", "utf-16", "utf-32")

POSITIONS = st.fixed_dictionaries({"line": st.integers(0, 6), "character": st.integers(0, 9)})
TEXTS = st.text("ab é😀\n\r", max_size=12)
EDITS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"text": TEXTS}),
        st.fixed_dictionaries({"range": st.fixed_dictionaries({"start": POSITIONS, "end": POSITIONS}), "text": TEXTS}),
    ),
    max_size=4,
)


class Server:
    """A server's session, as far as it keeps texts, which reads params as a server does."""

    def __init__(self, encoding: str = "utf-16") -> None:
        self.session: Any = SimpleNamespace(texts={}, notebooks={}, encoding=encoding)
        self.session.set_text = self.session.texts.__setitem__
        self.session.drop_text = lambda uri: self.session.texts.pop(uri, None)

    def hear(self, method: str, params: Any) -> None:
        kind, handle = CHANGES[method]
        assert handle.__module__ in {documents.__name__, notebooks.__name__}
        try:
            handle(self.session, codec.read(params, kind))
        except InvalidRequestError:
            return


def document(text: str = "") -> dict[str, Any]:
    return {"uri": URI, "languageId": "python", "version": 1, "text": text}


def edit(changes: Any, version: int = 2) -> tuple[str, Any]:
    return "textDocument/didChange", {"textDocument": {"uri": URI, "version": version}, "contentChanges": changes}


def believed(said: list[tuple[str, Any]], encoding: str = "utf-16") -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts that a server has that heard everything, and one that a relay told."""
    first, second, texts = Server(encoding), Server(encoding), OpenTexts()
    texts.encoding = encoding
    for method, params in said:
        first.hear(method, params)
        assert texts.note(method, params)
    for method, params in texts.told():
        second.hear(method, params)
    return first.session.texts, second.session.texts


@settings(deadline=None)
@given(TEXTS, EDITS, st.sampled_from(ENCODINGS))
def test_an_edited_document_is_told_as_a_server_has_it(text: str, changes: Any, encoding: str) -> None:
    heard, told = believed([("textDocument/didOpen", {"textDocument": document(text)}), edit(changes)], encoding)
    assert told == heard


@settings(deadline=None)
@given(st.text("ab é😀\n", max_size=12), TEXTS, st.data(), st.sampled_from(ENCODINGS))
def test_an_edited_document_is_told_as_pygls_has_it(text: str, new: str, data: st.DataObject, encoding: str) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    places = (place_of(text, offset, encoding) for offset in (start, end))
    changes = [{"range": dict(zip(("start", "end"), places, strict=True)), "text": new}]
    _, told = believed([("textDocument/didOpen", {"textDocument": document(text)}), edit(changes)], encoding)
    of_pygls = TextDocument(URI, text, position_codec=PositionCodec(PositionEncodingKind(encoding)))
    for change in codec.read(edit(changes)[1], DidChangeTextDocumentParams).content_changes:
        of_pygls.apply_change(change)
    assert told[URI] == of_pygls.source == text[:start] + new + text[end:]


def place_of(text: str, offset: int, encoding: str) -> dict[str, int]:
    """Return the position of an offset."""
    before = text[:offset]
    units = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    line = before.rpartition("\n")[2].encode(f"{encoding}-le" if units > 1 else encoding)
    return {"line": before.count("\n"), "character": len(line) // units}


def test_a_document_is_opened_as_it_was_before_it_is_changed() -> None:
    texts = OpenTexts()
    texts.note("textDocument/didOpen", {"textDocument": document("a")})
    assert [params for _, params in texts.told()] == [{"textDocument": document("a")}]
    texts.note(*edit([{"text": "b"}], version=7))
    (_, opened), (_, changed) = texts.told()
    assert opened == {"textDocument": document("a")}
    assert (changed["textDocument"]["version"], changed["contentChanges"]) == (7, [{"text": "b"}])
    texts.note("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert list(texts.told()) == []


START = {"line": 0, "character": 0}
BROKEN: list[Any] = [
    None, [], 3, {}, [None], [{}], [{"text": 1}], [{"text": "x", "range": {}}],
    *(
        [{"text": "y"}, {"text": "x", "range": {"start": {"line": line, "character": 0}, "end": START}}]
        for line in (-1, "0", True, None)
    ),
]  # fmt: skip


@pytest.mark.parametrize("changes", BROKEN)
def test_a_malformed_edit_changes_nothing(changes: Any) -> None:
    heard, told = believed([("textDocument/didOpen", {"textDocument": document("a\nb")}), edit(changes)])
    assert told == heard == {URI: "a\nb"}


@pytest.mark.parametrize("params", [None, [], {}, {"textDocument": None}, {"textDocument": {"uri": []}}])
@pytest.mark.parametrize("what", ["Open", "Change", "Close"])
def test_malformed_notifications_are_survived(what: str, params: Any) -> None:
    said = [("textDocument/didOpen", {"textDocument": document("a")})]
    said += [(f"textDocument/did{what}", params), (f"notebookDocument/did{what}", params)]
    heard, told = believed(said)
    assert told == heard == {URI: "a"}


def cell(name: str) -> dict[str, Any]:
    return {"kind": 2, "document": name}


def cell_text(name: str, text: str) -> dict[str, Any]:
    return {"uri": name, "languageId": "python", "version": 1, "text": text}


def changed_cells(**cells: Any) -> tuple[str, Any]:
    return "notebookDocument/didChange", {
        "notebookDocument": {"uri": NOTEBOOK, "version": 2},
        "change": {"cells": cells},
    }


OPENED = (
    "notebookDocument/didOpen",
    {
        "notebookDocument": {
            "uri": NOTEBOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": [cell("a"), cell("b")]
        },
        "cellTextDocuments": [cell_text("a", "one = 1"), cell_text("b", "two = 2")],
    },
)  # fmt: skip
TYPED = {"document": {"uri": "c", "version": 2}, "changes": [{"text": "three = 3"}]}
INSERTED = {"array": {"start": 1, "deleteCount": 1, "cells": [cell("c")]}, "didOpen": [cell_text("c", "")]}


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [changed_cells(structure=INSERTED)],
        [changed_cells(structure=INSERTED), changed_cells(textContent=[TYPED])],
        [changed_cells(structure=INSERTED, textContent=[TYPED])],
        [changed_cells(structure={"array": {"start": 0, "deleteCount": 1}})],
        [changed_cells(textContent=[{**TYPED, "document": {"uri": "unknown", "version": 1}}])],
        [changed_cells(structure={"array": {"start": 0}})],
        [("notebookDocument/didChange", {"notebookDocument": {"uri": NOTEBOOK, "version": 2}, "change": {}})],
        [("notebookDocument/didClose", {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": []})],
    ],
)
def test_a_notebook_is_told_as_a_server_has_it(changes: list[tuple[str, Any]]) -> None:
    heard, told = believed([OPENED, *changes])
    assert told == heard
    assert bool(told) == all(method != "notebookDocument/didClose" for method, _ in changes)


def test_what_is_not_about_open_texts_is_left_to_others() -> None:
    assert not OpenTexts().note("textDocument/didSave", {"textDocument": {"uri": URI}})
