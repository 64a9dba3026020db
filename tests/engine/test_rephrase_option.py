"""``cognate search --rephrase`` with a chat model's server on loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server import WORDINGS, ChatServer, chat_server, said
from cognate.cli.main import main
from fixtures import write_files

FILES = "//- app.py\ndef open_store():\n    return 1\n//- other.py\ndef close_door():\n    return 2\n"
NOTE = "cognate: no other wordings: "


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    for variable in ("COGNATE_REPHRASE_ENDPOINT", "COGNATE_REPHRASE_MODEL", "COGNATE_REPHRASE_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with chat_server() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "w", FILES)


def notes(err: str) -> list[str]:
    return [line for line in err.splitlines() if line.startswith(NOTE)]


def test_the_wordings_are_shown_and_the_model_is_told_the_query_and_the_languages(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str]
):
    options = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    assert main(["search", "open store lang:python path:app.py", str(folder), *options]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [f"also: {' · '.join(WORDINGS)}"]
    assert "app.py:1" in captured.out
    (asked,) = server.asked
    assert asked.body["model"] == "talker"
    assert asked.body["messages"][1]["content"] == "Languages of the project: python.\nQuestion: open store"


def test_endpoint_and_model_may_come_from_the_environment_and_options_win(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COGNATE_REPHRASE_ENDPOINT", server.url)
    monkeypatch.setenv("COGNATE_REPHRASE_MODEL", "from-environment")
    assert main(["search", "open store", str(folder), "--rephrase", "--also", "begin trade", "--json"]) == 0
    assert main(["search", "open store", str(folder), "--rephrase", "--rephrase-model", "from-option"]) == 0
    assert [request.body["model"] for request in server.asked] == ["from-environment", "from-option"]
    assert notes(capsys.readouterr().err) == []


def test_without_the_option_nobody_is_asked(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COGNATE_REPHRASE_ENDPOINT", server.url)
    assert main(["search", "open store", str(folder), "--rephrase-endpoint", server.url]) == 0
    assert server.asked == []
    assert "also: " not in capsys.readouterr().err


def test_each_query_of_a_file_is_asked_about_and_its_row_has_the_wordings(
    server: ChatServer, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    queries = tmp_path / "queries.txt"
    queries.write_text('open store\n{"query": "close door", "also": ["shut the entrance"]}\n')
    asking = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    assert main(["search", "--queries", str(queries), str(folder), "--json", *asking]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["also"] == list(WORDINGS)
    assert second["also"] == ["shut the entrance", *WORDINGS]
    assert [request.body["messages"][1]["content"].rpartition(": ")[2] for request in server.asked] == [
        "open store",
        "close door",
    ]
    assert main(["search", "--queries", str(queries), str(folder), *asking]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("# ") == 2
    assert captured.err.splitlines()[1] == f"also: {' · '.join(['shut the entrance', *WORDINGS])}"


def test_no_more_than_eight_wordings_are_used_and_those_given_come_first(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str]
):
    given = [argument for number in range(7) for argument in ("--also", f"given {number}")]
    asking = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    assert main(["search", "open store", str(folder), *given, *asking]) == 0
    shown = capsys.readouterr().err.splitlines()[-1].removeprefix("also: ").split(" · ")
    assert shown == [*(f"given {number}" for number in range(7)), WORDINGS[0]]
    assert main(["search", "open store", str(folder), *given, "--also", "given 7", *asking]) == 0
    assert len(server.asked) == 1


@pytest.mark.parametrize("query", ["open store", "lang:klingon nothing at all"])
def test_a_failure_is_one_note_and_changes_neither_answer_nor_exit_code(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str], query: str
):
    server.status = 500
    asking = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    without = main(["search", query, str(folder)]), capsys.readouterr().out
    assert (main(["search", query, str(folder), *asking]), (captured := capsys.readouterr()).out) == without
    assert notes(captured.err) == [f"{NOTE}The chat model's endpoint {server.url} answers with status 500."]
    assert "also: " not in captured.err


def test_what_does_not_answer_is_not_asked_for_each_query_of_a_file(
    server: ChatServer, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    server.status = 500
    queries = tmp_path / "queries.txt"
    queries.write_text("open store\nclose door\nopen door\n")
    asking = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    assert main(["search", "--queries", str(queries), str(folder), "--json", *asking]) == 0
    captured = capsys.readouterr()
    assert len(notes(captured.err)) == len(server.asked) == 1
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert [("also" in row, bool(row["results"])) for row in rows] == [(False, True)] * 3


def test_a_reply_without_wordings_and_a_query_without_words_are_said(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str]
):
    server.reply = said("I cannot help with that:")
    asking = ["--rephrase", "--rephrase-endpoint", server.url, "--rephrase-model", "talker"]
    assert main(["search", "open store", str(folder), *asking]) == 0
    assert notes(capsys.readouterr().err) == [f"{NOTE}The chat model's reply holds no other wordings."]
    main(["search", "lang:python", str(folder), *asking])
    assert "no words" in notes(capsys.readouterr().err)[0]
    assert len(server.asked) == 1


def test_without_an_endpoint_it_is_said_what_to_set(
    server: ChatServer, folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["search", "open store", str(folder), "--rephrase"]) == 0
    (note,) = notes(capsys.readouterr().err)
    assert "--rephrase-endpoint" in note
    assert "COGNATE_REPHRASE_ENDPOINT" in note


def test_a_search_imports_no_http_library_unless_it_is_to_rephrase(server: ChatServer, folder: Path):
    def imported(*options: str) -> str:
        arguments = ["search", "open store", str(folder), "--json", *options]
        code = f"import sys; from cognate.cli.main import main; main({arguments!r}); print('httpx2' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        return done.stdout.splitlines()[-1]

    assert imported("--also", "begin trade") == "False"
    assert imported("--rephrase", "--rephrase-endpoint", server.url) == "True"
