"""Other wordings of a question, from a real server process: the prompt, a client's reply, a chat model's endpoint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_server import WAIT_S, WORDINGS, chat_server, said
from e2e.client import Client, RefusedError
from e2e.editors import introduction
from fixtures import write_files

QUESTION = "is a failed call made again?"


def user_message(request: Any) -> str:
    return request.body["messages"][1]["content"]


def test_the_prompt_names_the_question_and_the_languages_and_nothing_else(server: Client) -> None:
    prompt = server.request("cognate/rephrase", {"query": f"{QUESTION} path:src/"})
    assert set(prompt) == {"system", "user"}
    languages, question = prompt["user"].splitlines()
    assert question == f"Question: {QUESTION}"
    assert languages.startswith("Languages of the project: python, ")
    other = server.request("cognate/rephrase", {"query": "another question"})
    assert (other["system"], other["user"]) == (prompt["system"], f"{languages}\nQuestion: another question")
    everything = prompt["system"] + languages
    assert not [name for name in ("retry", "download", "cart", "src", server.folder.name) if name in everything]


def test_the_reply_of_a_client_s_own_model_is_read(server: Client) -> None:
    reply = "1. call with backoff\n2. retry after failure\n"
    result = server.request("cognate/rephrased", {"query": QUESTION, "reply": reply})
    assert result == {"also": ["call with backoff", "retry after failure"]}
    for unreadable in ("", "Sorry:", '{"error": "quota"}'):
        result = server.request("cognate/rephrased", {"query": QUESTION, "reply": unreadable})
        assert result == {"also": [], "message": "The chat model's reply holds no other wordings."}


def test_a_question_may_be_asked_in_several_wordings(server: Client) -> None:
    result = server.request("cognate/search", {"query": QUESTION, "also": ["call_with_backoff", "retry later"]})
    assert result["hits"]


def test_without_an_endpoint_it_is_said_which_setting_to_set(server: Client) -> None:
    result = server.request("cognate/rephrased", {"query": QUESTION})
    assert result["also"] == []
    assert "rephraseEndpoint" in result["message"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("cognate/rephrase", None),
        ("cognate/rephrase", {}),
        ("cognate/rephrase", {"query": " "}),
        ("cognate/rephrase", {"query": 7}),
        ("cognate/rephrase", {"query": "x" * 10_001}),
        ("cognate/rephrase", {"query": "lang:python"}),
        ("cognate/rephrased", {"reply": "words"}),
        ("cognate/rephrased", {"query": QUESTION, "reply": ["words"]}),
        ("cognate/rephrased", {"query": "\n", "reply": "words"}),
        ("cognate/search", {"query": QUESTION, "also": "words"}),
        ("cognate/search", {"query": QUESTION, "also": [7]}),
        ("cognate/search", {"query": QUESTION, "also": [" "]}),
        ("cognate/search", {"query": QUESTION, "also": ["words"] * 9}),
    ],
)
def test_malformed_params_are_refused(server: Client, method: str, params: Any) -> None:
    with pytest.raises(RefusedError) as refused:
        server.request(method, params)
    assert refused.value.code == -32602


def test_the_endpoint_of_the_settings_is_asked(launch: Callable[..., Client], project: Path) -> None:
    with chat_server() as chat:
        client = launch(
            project,
            settings={"rephraseEndpoint": chat.url, "rephrase": {"model": "talker"}},
            environment={"COGNATE_REPHRASE_KEY": "sk-open-sesame"},
        )
        client.wait_until_ready()
        assert client.request("cognate/rephrased", {"query": QUESTION}) == {"also": list(WORDINGS)}
        (asked,) = chat.asked
        assert asked.body["model"] == "talker"
        assert asked.headers["Authorization"] == "Bearer sk-open-sesame"
        prompt = client.request("cognate/rephrase", {"query": QUESTION})
        assert [message["content"] for message in asked.body["messages"]] == [prompt["system"], prompt["user"]]
        chat.reply = said("No.\n-")
        client.request("cognate/rephrased", {"query": QUESTION})
        chat.reply, chat.status = b"", 500
        result = client.request("cognate/rephrased", {"query": QUESTION})
        assert result == {"also": [], "message": f"The chat model's endpoint {chat.url} answers with status 500."}
        client.shut_down()
        assert "sesame" not in client.log.read_text(encoding="utf-8")


def test_the_endpoint_of_the_first_folder_that_has_one_counts(project: Path, tmp_path: Path, editor: str) -> None:
    other = write_files(tmp_path / "other", "//- main.go\npackage main\n\nfunc main() {}\n")
    with chat_server() as chat:
        client = Client(tmp_path / "server.log")
        client.folder_settings[other.as_uri()] = {"rephraseEndpoint": chat.url, "rephraseModel": "talker"}
        try:
            client.initialize(introduction(editor, project, other))
            client.wait_until_ready()
            assert client.request("cognate/rephrased", {"query": QUESTION})["also"] == list(WORDINGS)
            languages = user_message(chat.asked[0]).splitlines()[0]
            assert {"python", "go"} <= set(languages.rstrip(".").partition(": ")[2].split(", "))
            client.shut_down()
        finally:
            client.kill()


def test_a_request_that_is_cancelled_leaves_the_endpoint_at_once(launch: Callable[..., Client], project: Path) -> None:
    with chat_server() as chat:
        chat.silent = True
        client = launch(project, settings={"rephraseEndpoint": chat.url, "rephraseModel": "talker"})
        client.wait_until_ready()
        asking = client.asking("cognate/rephrased", {"query": QUESTION})
        client.send(asking)
        assert chat.heard.wait(WAIT_S)
        found = client.request("cognate/search", {"query": QUESTION})  # Nobody waits for the endpoint.
        assert found["hits"]
        client.notify("$/cancelRequest", {"id": asking["id"]})
        with pytest.raises(RefusedError) as refused:
            client.result(asking["id"])
        assert refused.value.code == -32800
        assert chat.left.wait(WAIT_S)
        client.shut_down()


def test_a_newer_question_takes_the_place_of_the_one_before(launch: Callable[..., Client], project: Path) -> None:
    with chat_server() as chat:
        chat.silent = True
        client = launch(project, settings={"rephraseEndpoint": chat.url, "rephraseModel": "talker"})
        client.wait_until_ready()
        older = client.asking("cognate/rephrased", {"query": "older"})
        client.send(older)
        assert chat.heard.wait(WAIT_S)
        chat.silent = False
        assert client.request("cognate/rephrased", {"query": "newer"})["also"] == list(WORDINGS)
        result = client.result(older["id"])
        assert (result["also"], "newer question" in result["message"]) == ([], True)
        assert user_message(chat.asked[-1]).endswith("Question: newer")
        client.shut_down()


def test_an_endpoint_on_another_machine_over_http_is_refused(launch: Callable[..., Client], project: Path) -> None:
    client = launch(project, settings={"rephraseEndpoint": "http://models.example/v1"})
    client.wait_until_ready()
    result = client.request("cognate/rephrased", {"query": QUESTION})
    assert result["also"] == []
    assert "must begin with https" in result["message"]
    client.shut_down()
