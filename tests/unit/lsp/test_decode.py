import math
from collections.abc import Callable
from typing import Any

import pytest

from cognate.errors import InvalidRequestError
from cognate.lsp import protocol, standard
from cognate.lsp.decode import Position, Range
from cognate.lsp.server import HANDLERS

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
        ({"query": "x", "limit": True}, "params.limit must be an integer from 1 to 200."),
        ({"query": "x", "limit": 2.5}, "params.limit must be an integer from 1 to 200."),
        ({"query": "x", "explain": "yes"}, "params.explain must be true or false."),
        ({"query": "x", "scope": []}, "params.scope must be an object."),
        ({"query": "x", "scope": {"include": "src"}}, "params.scope.include must be an array."),
        ({"query": "x", "scope": {"include": ["a", 1]}}, "params.scope.include[1] must be a string."),
        ({"query": "x", "context": {"position": AT}}, "params.context.textDocument is missing."),
        ({"query": "x", "context": DOCUMENT}, "params.context must have a position or a range."),
        (
            {"query": "x", "context": {**DOCUMENT, "position": {"line": -1, "character": 0}}},
            "params.context.position.line must be an integer of at least 0.",
        ),
    ],
)
def test_malformed_searches_are_refused_with_a_reason(raw: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        protocol.search_params(raw)
    assert str(caught.value) == message


def test_a_full_search_is_read() -> None:
    scope = {"include": ["src/"], "exclude": ["*.md"], "languages": ["python"], "folders": ["ws"]}
    context = {**DOCUMENT, "position": AT}
    raw = {"query": "x", "limit": 3, "scope": scope, "context": context, "explain": True, "later": "addition"}
    point = Position(1, 2)
    assert protocol.search_params(raw) == protocol.SearchParams(
        "x",
        3,
        protocol.ScopeParams(("src/",), ("*.md",), ("python",), ("ws",)),
        protocol.TextPlace("file:///a.py", Range(point, point)),
        True,
    )


def test_null_counts_as_absent() -> None:
    raw = {"query": "x", "limit": None, "scope": None, "context": None, "explain": None}
    assert protocol.search_params(raw) == protocol.SearchParams("x")


def test_a_range_wins_over_a_position_and_must_not_run_backwards() -> None:
    there = {"start": {"line": 1, "character": 0}, "end": {"line": 4, "character": 0}}
    read = protocol.related_params({**DOCUMENT, "position": AT, "range": there})
    assert read.place.range == Range(Position(1, 0), Position(4, 0))
    with pytest.raises(InvalidRequestError, match="must not stand before"):
        protocol.related_params({**DOCUMENT, "range": {"start": there["end"], "end": there["start"]}})


def test_code_actions_know_who_asked() -> None:
    raw = {**DOCUMENT, "range": {"start": AT, "end": AT}, "context": {"diagnostics": [], "triggerKind": 2}}
    assert standard.code_action_params(raw).automatic
    assert standard.code_action_params(raw).only is None


def test_notebook_changes_are_read_with_and_without_structure() -> None:
    notebook = {"notebookDocument": {"uri": "file:///n.ipynb", "version": 2}}
    array = {"start": 1, "deleteCount": 2, "cells": [{"kind": 2, "document": "cell:x"}]}
    moved = standard.notebook_change({**notebook, "change": {"cells": {"structure": {"array": array}}}})
    cell = standard.NotebookCell("cell:x", is_markup=False)
    assert moved == standard.NotebookChangeParams("file:///n.ipynb", 1, 2, (cell,))
    typing = {"document": {"uri": "cell:x", "version": 3}, "changes": [{"text": "new"}]}
    typed = standard.notebook_change({**notebook, "change": {"cells": {"textContent": [typing]}}})
    assert typed.start is None
    assert typed.edits == (standard.ChangeParams("cell:x", (standard.Edit("new"),)),)


JUNK: list[Any] = [
    None, 5, "x", [], {}, True,
    {"textDocument": 5}, {"textDocument": {"uri": []}}, {"changes": [5]}, {"event": {"added": [{}]}},
    {"notebookDocument": {"uri": "u", "cells": [{}]}}, {"data": {"uri": "u"}}, {"command": 3}, {"settings": 5},
]  # fmt: skip


@pytest.mark.parametrize("method", HANDLERS)
@pytest.mark.parametrize("raw", JUNK)
def test_no_junk_makes_a_reader_fail_in_another_way(method: str, raw: Any) -> None:
    reader: Callable[[Any], Any] = HANDLERS[method][0]
    try:
        reader(raw)
    except InvalidRequestError as error:
        assert str(error).startswith("params")


def test_the_wire_has_camel_case_and_no_absent_fields_and_finite_numbers() -> None:
    payload = protocol.HitPayload(
        location=protocol.LocationPayload("u", Range(Position(0, 0), Position(1, 0))),
        focus_range=Range(Position(0, 0), Position(0, 5)),
        focus_text="  f()",
        score=0.123456,
        language="python",
        preview="p",
        stale=False,
        why={"dense_sim": math.nan, "bm25": 1.0},
    )
    assert protocol.to_wire(payload) == {
        "location": {"uri": "u", "range": {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}},
        "focusRange": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 5}},
        "focusText": "  f()",
        "score": 0.1235,
        "language": "python",
        "preview": "p",
        "stale": False,
        "why": {"dense_sim": 0.0, "bm25": 1.0},
    }
