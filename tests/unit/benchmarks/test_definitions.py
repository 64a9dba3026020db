"""What counts as a definition that was found, and what the table says."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))

from definitions import LIST, Result, Tag, definitions, matches, missing, same_name, stands_there, table

from cognate.types import Symbol


def symbol(name: str, start: int, end: int) -> Symbol:
    return Symbol(name, "function", "", start, end)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("area", "area", True),
        ("AREA", "area", True),
        ("$total", "total", True),
        ("operator ==", "operator==", True),
        ("length", "Point.length", True),
        ("ns::Point::length", "length", True),
        ("length", "arraylength", False),
        ("", "Point.", False),
    ],
)
def test_names_are_the_same_with_or_without_their_container(one: str, other: str, same: bool):
    assert same_name(one, other) is same


@pytest.mark.parametrize(
    ("line", "start", "end", "found"),
    [
        (5, 4, 9, True),  # Lines of tags count from 1, ours from 0.
        (5, 3, 9, True),
        (5, 5, 9, True),
        (5, 6, 9, False),
        (9, 2, 12, True),  # Annotations above the name.
        (9, 2, 8, False),
        (14, 2, 30, False),
    ],
)
def test_a_definition_is_found_where_a_symbol_begins_near_it(line: int, start: int, end: int, found: bool):
    tag = Tag("area", line, "method")
    assert missing([tag], [symbol("area", start, end)]) == ([] if found else [tag])


def test_a_symbol_stands_for_one_definition_only():
    tags = [Tag("Point", 1, "class"), Tag("Point", 3, "method")]
    assert missing(tags, [symbol("Point", 0, 9)]) == tags[1:]
    assert missing(tags, [symbol("Point", 2, 3), symbol("Point", 0, 9)]) == []


def test_the_equations_of_a_function_are_found_with_it():
    equations = [Tag("size", line, "function") for line in (3, 4, 5)]
    assert missing(equations, [symbol("size", 2, 5)]) == []
    assert missing(equations, [symbol("size", 2, 4)]) == equations[2:]


def test_tags_of_other_kinds_and_names_that_ctags_made_up_are_no_definitions():
    lines = ["fun area() = list.map { side -> side }", "companion object {"]
    tags = [
        {"name": "area", "line": 1, "kind": "method"},
        {"name": "area", "line": 1, "kind": "variable"},
        {"name": "<lambda>", "line": 1, "kind": "method"},
        {"name": "side", "line": 1, "kind": "method", "scope": "area.<lambda>"},
        {"name": "Companion", "line": 2, "kind": "object"},
        {"name": "area", "line": 7, "kind": "method"},
    ]
    language = {"kinds": "method object", "not_in": "<lambda>"}
    assert definitions(tags, language, lines) == [Tag("area", 1, "method")]


def test_a_line_must_look_like_a_definition_where_the_list_says_so():
    lines = ["local found = text:gsub('x', function(c) end)", "local kept = function(c) end"]
    tags = [{"name": "found", "line": 1, "kind": "function"}, {"name": "kept", "line": 2, "kind": "function"}]
    language = {"kinds": "function", "only": {"function": r"NAME\s*=\s*function"}}
    assert [tag.name for tag in definitions(tags, language, lines)] == ["kept"]


def test_a_name_must_stand_on_the_first_lines_of_its_symbol():
    lines = ["static int", "area(void)", "{", "}", "int side;"]
    assert stands_there(symbol("area", 0, 4), lines)
    assert not stands_there(symbol("are", 0, 4), lines)
    assert not stands_there(symbol("side", 0, 4), lines)


def test_paths_are_chosen_by_pattern():
    assert matches("src/deep/main.c", ["src/*.c"])
    assert not matches("src/deep/main.c", ["src/*.c", "!src/deep/*"])
    assert not matches("test/main.c", ["src/*.c"])


def test_the_table_shows_shares_rounded_down_and_the_commonest_misses():
    misses = [("demo-01234567/a.c", "c", Tag(f"f{n}", n + 1, "function")) for n in range(3)]
    results = {
        "C": Result(2, 2000, 3000, misses, [("demo-01234567/a.c", symbol("x", 0, 1))]),
        "Swift": Result(1, None, 10),
    }
    assert table(results).splitlines()[2:] == [
        "| C | 2 | 2,000 | 1,997 | 0.998 | 3,000 | 0.999 | 3 function (`f0`, demo/a.c:1) |",
        "| Swift | 1 | – | – | – | 10 | 1.000 |  |",
    ]


def test_every_project_that_a_language_names_is_listed_with_its_digest():
    listed = json.loads(LIST.read_text(encoding="utf-8"))
    assert len(listed["languages"]) >= 40
    projects = {project["name"] for project in listed["projects"] if re.fullmatch(r"[0-9a-f]{64}", project["sha256"])}
    assert {name for language in listed["languages"] for name in language["from"]} == projects
