import math
from typing import Any

import pytest
from lsprotocol import types
from lsprotocol.types import Location, Position, Range, TextDocumentIdentifier

from cognate.errors import InvalidRequestError
from cognate.lsp import protocol, results
from cognate.lsp.codec import read, to_wire
from cognate.lsp.server import CHANGES, LIFE, READS

DOCUMENT = {"textDocument": {"uri": "file:///a.py"}}
AT = {"line": 1, "character": 2}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "params must be an object."),
        ([], "params must be an object."),
        ({}, "params.query is missing."),
        ({"query": None}, "params.query is missing."),
        ({"query": 5}, "params.query must be a string."),
        ({"query": "  "}, "params.query must hold more than blanks."),
        ({"query": "x" * 10_001}, "params.query must have at most 10000 characters."),
        ({"query": "x", "limit": -1}, "params.limit must be an integer from 1 to 200."),
        ({"query": "x", "limit": 0}, "params.limit must be an integer from 1 to 200."),
        ({"query": "x", "limit": True}, "params.limit must be an integer."),
        ({"query": "x", "limit": 2.5}, "params.limit must be an integer."),
        ({"query": "x", "explain": "yes"}, "params.explain must be true or false."),
        ({"query": "x", "scope": []}, "params.scope must be an object."),
        ({"query": "x", "scope": {"include": "src"}}, "params.scope.include must be an array."),
        ({"query": "x", "scope": {"include": ["a", 1]}}, "params.scope.include[1] must be a string."),
        ({"query": "x", "context": {"position": AT}}, "params.context.textDocument is missing."),
        ({"query": "x", "context": DOCUMENT}, "params.context.position or range is missing."),
        (
            {"query": "x", "context": {**DOCUMENT, "position": {"line": -1, "character": 0}}},
            "params.context.position holds a value that is not allowed.",
        ),
    ],
)
def test_malformed_searches_are_refused_with_a_reason(raw: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(raw, protocol.SearchParams)
    assert str(caught.value) == message


def test_a_full_search_is_read() -> None:
    scope = {"include": ["src/"], "exclude": ["*.md"], "languages": ["python"], "folders": ["ws"]}
    context = {**DOCUMENT, "position": AT}
    raw = {
        "query": "x",
        "also": ["y"],
        "limit": 3,
        "scope": scope,
        "context": context,
        "explain": True,
        "later": "addition",
    }
    point = Position(1, 2)
    assert read(raw, protocol.SearchParams) == protocol.SearchParams(
        "x",
        ("y",),
        3,
        protocol.ScopeParams(("src/",), ("*.md",), ("python",), ("ws",)),
        protocol.DocumentRange(TextDocumentIdentifier("file:///a.py"), point),
        True,
    )


def test_null_counts_as_absent() -> None:
    raw = {"query": "x", "limit": None, "scope": None, "context": None, "explain": None}
    assert read(raw, protocol.SearchParams) == protocol.SearchParams("x")


def test_a_range_wins_over_a_position() -> None:
    there = {"start": {"line": 1, "character": 0}, "end": {"line": 4, "character": 0}}
    at, both = ({**DOCUMENT, "position": AT}, {**DOCUMENT, "position": AT, "range": there})
    assert read(at, protocol.RelatedParams).span == Range(Position(1, 2), Position(1, 2))
    assert read(both, protocol.RelatedParams).span == Range(Position(1, 0), Position(4, 0))


@pytest.mark.parametrize("kind", [protocol.NoParams, protocol.FoldersParams])
@pytest.mark.parametrize("raw", [None, [], {}, {"later": "addition"}])
def test_params_without_required_fields_may_be_left_out(kind: Any, raw: Any) -> None:
    assert read(raw, kind) == kind()


@pytest.mark.parametrize(
    ("kind", "raw", "message"),
    [
        (types.HoverParams, {"position": AT}, "params.textDocument is missing."),
        (types.HoverParams, {"textDocument": {"uri": 3}, "position": AT}, "params.textDocument.uri must be a string."),
        (types.HoverParams, {"textDocument": 3, "position": AT}, "params.textDocument must be an object."),
        (types.HoverParams, {**DOCUMENT, "position": {"line": "3"}}, "params.position.line must be an integer."),
        (types.HoverParams, {**DOCUMENT, "position": {"line": 3}}, "params.position.character is missing."),
        (types.DidChangeWatchedFilesParams, {"changes": "x"}, "params.changes must be an array."),
        (types.DidChangeWatchedFilesParams, {"changes": [5]}, "params.changes[0] must be an object."),
        (types.DidChangeTextDocumentParams, {"textDocument": {"uri": "u", "version": 1}, "contentChanges": [5]},
         "params.contentChanges[0] holds a value that is not allowed."),
    ],
)  # fmt: skip
def test_standard_params_are_read_strictly(kind: Any, raw: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(raw, kind)
    assert str(caught.value) == message


JUNK: list[Any] = [
    None, 5, "x", [], {}, True,
    {"textDocument": 5}, {"textDocument": {"uri": []}}, {"changes": [5]}, {"event": {"added": [{}]}},
    {"notebookDocument": {"uri": "u", "cells": [{}]}}, {"data": {"uri": "u"}}, {"command": 3}, {"settings": 5},
]  # fmt: skip


@pytest.mark.parametrize("method", [*LIFE, *CHANGES, *READS])
@pytest.mark.parametrize("raw", JUNK)
def test_no_junk_makes_a_reader_fail_in_another_way(method: str, raw: Any) -> None:
    kind, _ = {**LIFE, **CHANGES, **READS}[method]
    try:
        read(raw, kind)
    except InvalidRequestError as error:
        assert str(error).startswith("params")


def test_the_wire_has_camel_case_and_no_absent_fields_and_finite_numbers() -> None:
    payload = results.HitPayload(
        location=Location("u", Range(Position(0, 0), Position(1, 0))),
        focus_range=Range(Position(0, 0), Position(0, 5)),
        focus_text="    x",
        score=0.123456,
        language="python",
        preview="p",
        stale=False,
        why={"dense_sim": math.nan, "bm25": 1.0},
    )
    assert to_wire(payload) == {
        "location": {"uri": "u", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}},
        "focusRange": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}},
        "focusText": "    x",
        "score": 0.1235,
        "language": "python",
        "preview": "p",
        "stale": False,
        "why": {"dense_sim": 0.0, "bm25": 1.0},
    }
