"""A search from the shell, whose model is on its way while the rest is imported."""

import json
import threading
from pathlib import Path

import pytest

from cognate.cli.main import main
from fixtures import write_files

FILES = "//- app.py\ndef open_store():\n    return 1\n//- other.py\ndef close_door():\n    return 2\n"


def loading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "cognate-model"]


def test_a_search_answers_and_leaves_no_thread_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["search", "open store", str(write_files(tmp_path / "w", FILES)), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["path"] == "app.py"
    assert not loading()


def test_a_model_that_cannot_be_loaded_is_said_once_and_words_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = write_files(tmp_path / "w", FILES)
    assert main(["search", "open_store", str(folder), "--json", "--model", str(tmp_path / "nowhere")]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[0])["path"] == "app.py"
    assert sum(line.startswith("cognate: ") and "nowhere" in line for line in captured.err.splitlines()) == 1


def test_a_search_for_nothing_ends_when_the_model_is_loaded(capsys: pytest.CaptureFixture[str]):
    assert main(["search"]) == 2
    assert "Say what to look for" in capsys.readouterr().err
    assert not loading()


@pytest.mark.parametrize("command", [["status"], ["search", "store"], ["index"]])
def test_what_is_no_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]):
    folder = write_files(tmp_path / "w", FILES)
    assert main([*command, str(folder / "app.py")]) == 2
    told = f"cognate: {folder}/app.py is a file. Name its folder; path:app.py in a query asks of the file alone.\n"
    assert capsys.readouterr().err == told
    assert main([*command, str(folder / "nope")]) == 2
    assert capsys.readouterr() == ("", f"cognate: There is no folder {folder}/nope.\n")


@pytest.mark.parametrize("words", [["index"], ["status"], ["search", "store"]])
def test_every_command_says_that_there_is_no_file_to_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
):
    folder = tmp_path / "w"
    folder.mkdir()
    told = f"There is no file to index in {folder}; cognate explain FILE says why one is left out."
    assert main(["index", str(folder)]) == main([*words, str(folder)]) == 1
    captured = capsys.readouterr()
    assert (captured.out + captured.err).count(f"{told}\n") == 2
    assert main([*words, str(folder), "--json"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"cognate: {told}"


def test_many_queries_of_an_empty_folder_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "w").mkdir()
    (tmp_path / "queries").write_text("one\ntwo\n")
    assert main(["search", "--queries", str(tmp_path / "queries"), str(tmp_path / "w"), "--json"]) == 1
    assert capsys.readouterr().err.count("There is no file to index in ") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["search", "store", "-n", "abc"], "argument -n/--limit: must be a whole number, not 'abc'\n"),
        (["search", "store", "-n", "0"], "argument -n/--limit: must be at least 1\n"),
        (["serach", "store"], "cognate: error: there is no command 'serach'. Did you mean search?\n"),
        (["xyzzy"], "there is no command 'xyzzy'. There are serve, mcp, agents, index, search, "),
    ],
)
def test_what_is_mistyped_is_said_in_people_s_words(capsys: pytest.CaptureFixture[str], words: list[str], said: str):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_help_of_a_search_names_the_filters(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["search", "--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in ("lang:python", "path:src/", "-lang:", "-path:"))


ESCAPES = "\033[31m \033]0;title\007 \x9b2J \u202e."


def test_what_files_hold_cannot_act_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_files(tmp_path / "w", FILES)
    (folder / "red\033[31m.py").write_bytes(f"# red alert {ESCAPES}\ndef holder(): return 1\n".encode())
    assert main(["search", "red alert", str(folder), "-n", "1"]) == 0
    out = capsys.readouterr().out
    assert "red alert \\x1b[31m \\x1b]0;title\\x07 \\x9b2J \\u202e." in out.splitlines()[1]
    assert "red\\x1b[31m.py:1" in out
    assert all(character.isprintable() for line in out.splitlines() for character in line)
    assert main(["search", "red alert", str(folder), "-n", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["preview"].startswith(f"# red alert {ESCAPES}")
    assert main(["explain", "red\033[31m.py", str(folder)]) == 0
    assert "\033" not in capsys.readouterr().out
    assert main(["search", "lang:\033[31mred alert", str(folder)]) == 1
    assert "'\\x1b[31mred'" in capsys.readouterr().err


@pytest.mark.parametrize("line", ["TABLE = '" + "x" * 20_000 + "'", "\t" * 500 + "TABLE " + "表" * 3000])
def test_long_lines_are_cut_for_people_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str):
    folder = write_files(tmp_path / "w", f"//- a.py\n{line}\ndef other():\n    return 1\n")
    assert main(["search", "TABLE", str(folder), "-n", "1"]) == 0
    shown = capsys.readouterr().out.splitlines()[1]
    assert shown.strip() == line.strip()[:239] + "…"
    assert main(["search", "TABLE", str(folder), "-n", "1", "--json"]) == 0
    assert line in json.loads(capsys.readouterr().out)["preview"]


def test_half_a_character_in_a_notebook_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = tmp_path / "w"
    folder.mkdir()
    cell = {"cell_type": "code", "source": "def half_pair(): return '\ud83d'", "outputs": []}
    (folder / "n.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    assert main(["search", "half_pair", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["preview"] == "def half_pair(): return '?'"


def test_filters_that_let_nothing_through_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_files(tmp_path / "w", FILES)
    assert main(["search", "lang:pyhton store", str(folder)]) == 1
    assert "did you mean lang:python?" in capsys.readouterr().err
    assert main(["search", "store", str(folder), "--lang", "golang", "--json"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, "Nothing here is in go." in captured.err) == ("", True)
    queries = tmp_path / "queries.txt"
    queries.write_text("lang:klingon store\nlang:py store\n")
    assert main(["search", "--queries", str(queries), str(folder), "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["results"], "'klingon'" in first["message"]) == ([], True)
    assert second["results"]
    assert "message" not in second
    assert main(["related", f"{folder}/app.py:1", str(folder), "--lang", "klingon"]) == 1
    assert "'klingon'" in capsys.readouterr().err


def test_a_result_has_the_documented_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_files(tmp_path / "w", "//- a/b.py\n\ndef spin_wheel():\n    return 1\n")
    assert main(["search", "spin_wheel", str(folder), "-n", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["path"], found["focus_line"], found["focus_text"]) == ("a/b.py", 2, "def spin_wheel():")
    names = "path start_line end_line focus_line focus_text score symbol kind language preview why"
    assert list(found) == names.split()


CALLS = """//- src/heat.py
def to_kelvin(celsius):
    return celsius + 273.15
//- src/report.py
from src.heat import to_kelvin


def describe(celsius):
    return f"{to_kelvin(celsius)} K"
//- tests/test_heat.py
from src.heat import to_kelvin


def test_ice():
    assert to_kelvin(0) == 273.15
"""


def test_related_code_of_a_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_files(tmp_path / "w", CALLS)
    place = f"{folder}/src/heat.py:1"
    assert main(["related", place, str(folder), "--kind", "callers", "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(hit["path"], hit["focus_line"], hit["symbol"]) for hit in found] == [
        ("src/report.py", 5, "describe"),
        ("tests/test_heat.py", 5, "test_ice"),
    ]
    assert main(["related", place, str(folder), "--kind", "tests"]) == 0
    assert capsys.readouterr().out.startswith(f"{folder}/tests/test_heat.py:5")
    assert main(["related", place, str(folder), "--kind", "callees"]) == 1
    assert "Nothing that to_kelvin uses is defined here." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["related", place, str(folder), "--kind", "cousins"])
    assert "callees" in capsys.readouterr().err
