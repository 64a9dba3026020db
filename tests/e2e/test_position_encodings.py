"""Every position encoding over a real conversation: edits behind astral characters, and the ranges of answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.client import Client
from e2e.editors import introduction
from fixtures import write_files

OFFERS: dict[str, tuple[list[str] | None, str]] = {
    "utf-8": (["utf-8"], "utf-8"),
    "utf-16": (["utf-16"], "utf-16"),
    "utf-32": (["utf-32"], "utf-32"),
    "nothing": (None, "utf-16"),
    "unknown ones first": (["utf-7", "utf-32", "utf-8"], "utf-32"),
}
"""What a client offers, and what is agreed on."""

UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}

TEXT = 'LAUNCH = "🚀🚀 go"; TARGET = "月"\n\n\ndef 𝒻_burn(fuel):  # 🔥é burn\n    return fuel\n'


@pytest.fixture(scope="module", params=OFFERS)
def offer(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def agreed(offer: str) -> str:
    return OFFERS[offer][1]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, offer: str, agreed: str) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("encodings")
    folder = home / "project"
    folder.mkdir()
    similar = "def 𝒻_burn_too(fuel):  # 🔥é burn\n    return fuel\n"
    write_files(folder, f"//- saved.py\n{TEXT}//- similar.py\n{similar}")
    environment = {"COGNATE_CACHE_DIR": str(home / "cache")}
    client = Client(home / "server.log", settings={"hover": {"minScore": 0.0}}, environment=environment)
    try:
        params = introduction("vscode", folder)
        params["capabilities"] = {**params["capabilities"], "general": general(OFFERS[offer][0])}
        told = client.initialize(params)
        assert told["capabilities"]["positionEncoding"] == agreed
        client.folder = folder
        client.wait_until_ready()
        yield client
        client.shut_down()
    finally:
        client.kill()


def general(encodings: list[str] | None) -> dict[str, Any]:
    return {} if encodings is None else {"positionEncodings": encodings}


def units(text: str, encoding: str) -> int:
    codec, size = UNITS[encoding]
    return len(text.encode(codec)) // size


def at(text: str, before: str, encoding: str) -> dict[str, int]:
    """Return the position just behind the first ``before`` in a text."""
    head = text[: text.index(before) + len(before)]
    line = head.count("\n")
    return {"line": line, "character": units(head.rpartition("\n")[2], encoding)}


class Buffer:
    """A document that a client edits, and what it must hold."""

    def __init__(self, client: Client, name: str, text: str, encoding: str) -> None:
        self.client, self.text, self.encoding, self.version = client, text, encoding, 1
        self.uri = (client.folder / name).as_uri()
        client.open(self.uri, text)

    def edit(self, *replacements: tuple[str, str]) -> None:
        """Replace pieces of text, each once, all in one notification."""
        changes: list[dict[str, Any]] = []
        for old, new in replacements:
            start, end = self.text.index(old), self.text.index(old) + len(old)
            where = {"start": self._position(start), "end": self._position(end)}
            changes.append({"range": where, "text": new})
            self.text = self.text[:start] + new + self.text[end:]
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self.client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def _position(self, index: int) -> dict[str, int]:
        head = self.text[:index]
        return {"line": head.count("\n"), "character": units(head.rpartition("\n")[2], self.encoding)}


def found(client: Client, query: str, line: str) -> dict[str, Any]:
    """Search until a hit's focus line is as it must be."""

    def look() -> list[Any]:
        hits = client.request("cognate/search", {"query": query, "limit": 5})["hits"]
        return [hit for hit in hits if hit["focusText"] == line]

    for _ in range(200):
        if hits := look():
            return hits[0]
        client.request("cognate/status")
    raise AssertionError(f"{line!r} was never found: {client.tail()}")


def check_range(where: dict[str, Any], number: int, line: str, encoding: str) -> None:
    indent = line[: len(line) - len(line.lstrip())]
    start = {"line": number, "character": units(indent, encoding)}
    assert where == {"start": start, "end": {"line": number, "character": units(line.rstrip(), encoding)}}


def test_ranges_of_answers_count_in_the_agreed_units(client: Client, agreed: str) -> None:
    line = TEXT.partition("\n")[0]
    hit = found(client, "LAUNCH", line)
    check_range(hit["focusRange"], 0, line, agreed)
    symbols = client.request("workspace/symbol", {"query": "? 𝒻_burn fuel"})
    (own,) = [symbol for symbol in symbols if symbol["location"]["uri"].endswith("saved.py")]
    check_range(own["location"]["range"], 3, TEXT.split("\n")[3], agreed)


def test_edits_behind_astral_characters_land_where_they_were_made(client: Client, agreed: str) -> None:
    buffer = Buffer(client, "edited.py", TEXT.replace("LAUNCH", "MISSION").replace("burn", "ignite"), agreed)
    buffer.edit(("🚀 go", "🚀 fuel go"))
    buffer.edit(("fuel go", "🛰 go"), ('go"; TARGET', 'went"; AIM'), ("月", "🌕🌕"))
    line = 'MISSION = "🚀🚀 🛰 went"; AIM = "🌕🌕"'
    assert buffer.text.startswith(line)
    hit = found(client, "MISSION", line)
    check_range(hit["focusRange"], 0, line, agreed)
    buffer.edit(('🌕"\n\n\ndef 𝒻', '"  # 🌕\n\ndef 𝒽'), ("# 🔥é", "# é🔥🔥"))
    line = buffer.text.split("\n")[2]
    assert line == "def 𝒽_ignite(fuel):  # é🔥🔥 ignite"
    hit = found(client, "ignite", line)
    check_range(hit["focusRange"], 2, line, agreed)
    buffer.edit(("🔥🔥 ignite\n    return fuel\n", "🔥"))
    hit = found(client, "ignite", "def 𝒽_ignite(fuel):  # é🔥")
    assert hit["preview"].endswith("# é🔥")


def test_a_hover_behind_astral_characters_is_on_the_name(client: Client, agreed: str) -> None:
    uri = (client.folder / "saved.py").as_uri()
    client.open(uri, TEXT)
    inside = at(TEXT, "def 𝒻_bur", agreed)
    hover = client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": inside})
    assert "burn_too" in hover["contents"]["value"]
    behind = at(TEXT, "(fuel):  # 🔥é b", agreed)
    assert client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": behind}) is None
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_cells_of_notebooks_are_edited_in_the_agreed_units(client: Client, agreed: str) -> None:
    uri = (client.folder / "n.ipynb").as_uri()
    cell_uri = uri.replace("file:", "vscode-notebook-cell:") + "#W0sZmlsZQ=="
    text = "orbit = '🪐🪐'  # 🌍 far\n"
    client.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": uri,
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": cell_uri}],
            },
            "cellTextDocuments": [{"uri": cell_uri, "languageId": "python", "version": 1, "text": text}],
        },
    )
    start, end = at(text, "# 🌍 ", agreed), at(text, "# 🌍 far", agreed)
    edit = {"range": {"start": start, "end": end}, "text": "near 🌍"}
    change = {"cells": {"textContent": [{"document": {"uri": cell_uri, "version": 2}, "changes": [edit]}]}}
    client.notify("notebookDocument/didChange", {"notebookDocument": {"uri": uri, "version": 2}, "change": change})
    line = "orbit = '🪐🪐'  # 🌍 near 🌍"
    hit = found(client, "orbit", line)
    assert hit["cell"] == 0
    check_range(hit["focusRange"], 0, line, agreed)
