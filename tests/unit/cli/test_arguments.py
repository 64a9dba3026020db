"""The order in which arguments may be given."""

from pathlib import Path
from typing import Any

import pytest

from cognate.cli.main import build_parser


def read(*arguments: str) -> dict[str, Any]:
    return vars(build_parser(arguments[0]).parse_args(arguments))


@pytest.mark.parametrize(
    "arguments",
    [("--json", "store", "src"), ("store", "--json", "src"), ("store", "src", "--json")],
    ids=["before", "between", "after"],
)
def test_a_flag_may_stand_anywhere(arguments: tuple[str, ...]):
    options = read("search", *arguments)
    assert (options["query"], options["path"], options["json"]) == ("store", "src", True)


def test_a_flag_with_a_value_may_stand_before_the_folder():
    options = read("related", "app.py:3", "--kind", "tests", "src")
    assert (options["kind"], options["path"]) == ("tests", "src")


def test_a_flag_may_stand_between_several_folders_of_a_command_within_a_command():
    assert read("vectors", "export", "one", "--out", "there", "two")["paths"] == ["one", "two"]
    assert read("graph", "rank", "one", "--out", "there", "two")["folders"] == [Path("one"), Path("two")]


def test_what_follows_two_dashes_is_no_flag():
    options = read("search", "--json", "--", "-lang:markdown")
    assert (options["query"], options["json"]) == ("-lang:markdown", True)
