"""A chat model's endpoint, asked over real sockets on loopback."""

import asyncio
import json
import logging
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server import WAIT_S, WORDINGS, ChatServer, chat_server, said
from cognate.chat_endpoint import LARGEST_REPLY, ask
from cognate.errors import EndpointError
from cognate.places import KEY_VARIABLE
from cognate.search.phrasings import Prompt

PROMPT = Prompt("Say it in other words.", "Question: is sign-in equally slow for everyone?")
WORDS = "\n".join(WORDINGS)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with chat_server() as running:
        yield running


async def failure(endpoint: str, limit_s: float = WAIT_S) -> str:
    with pytest.raises(EndpointError) as caught:
        await ask(endpoint, "talker", PROMPT, limit_s=limit_s)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    return sentence


async def test_the_reply_of_the_model_comes_back_and_only_the_prompt_is_sent(server: ChatServer):
    assert await ask(server.url, "talker", PROMPT) == WORDS
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions"
    system, user = {"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}
    assert asked.body == {"model": "talker", "messages": [system, user], "stream": False}
    assert "Authorization" not in asked.headers
    assert asked.headers["User-Agent"].startswith("cognate/")


@pytest.mark.parametrize("written", ["http://127.0.0.1:{}/v1", "http://127.0.0.1:{}/v1/", " http://localhost:{}/v1 "])
async def test_an_endpoint_on_this_machine_may_be_written_in_several_ways(server: ChatServer, written: str):
    assert await ask(written.format(server.port), "talker", PROMPT) == WORDS
    assert server.asked[-1].path == "/v1/chat/completions"


async def test_without_a_name_the_first_model_that_does_not_only_embed_is_asked(server: ChatServer):
    assert await ask(server.url, "", PROMPT) == WORDS
    assert [request.path for request in server.asked] == ["/v1/models", "/v1/chat/completions"]
    assert server.asked[1].body["model"] == "talker-7b"


@pytest.mark.parametrize("models", [(), ("nomic-embed-text",)])
async def test_without_a_name_and_without_a_chat_model_it_is_said_to_name_one(
    server: ChatServer, models: tuple[str, ...]
):
    server.models = models
    with pytest.raises(EndpointError, match=r"lists no chat model\. Name one"):
        await ask(server.url, " ", PROMPT)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (500, b"<h1>Internal Server Error</h1>", "answers with status 500."),
        (503, json.dumps({"error": {"message": "Loading\nmodel."}}).encode(), "status 503: Loading model."),
        (404, json.dumps({"error": "no model\x1b[31m talker"}).encode(), "status 404: no model[31m talker."),
        (404, b"", "status 404: its address may have to end in /v1."),
        (401, b"{}", f"status 401: (its key comes from the environment variable {KEY_VARIABLE})."),
        (400, json.dumps({"error": {"message": "x" * 5000}}).encode(), "status 400: " + "x" * 200 + "."),
    ],
)
async def test_a_failure_of_the_server_is_told_with_its_reason(server: ChatServer, status: int, body: bytes, told: str):
    server.status, server.reply = status, body
    assert (await failure(server.url)).endswith(told)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!doctype html><p>Hello", "not JSON"),
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "no message of a chat model"),
        (b'"words"', "no message of a chat model"),
        (b'{"choices": []}', "no message of a chat model"),
        (b'{"choices": {"0": 1}}', "no message of a chat model"),
        (said(None), "no message of a chat model"),
        (said(["constant time"]), "no message of a chat model"),
    ],
)
async def test_a_reply_that_is_none_is_refused(server: ChatServer, body: bytes, told: str):
    server.reply = body
    assert told in await failure(server.url)


async def test_silence_beyond_the_time_limit_ends_it_and_closes_the_connection(server: ChatServer):
    server.silent = True
    assert "did not answer within 0.5 s" in await failure(server.url, limit_s=0.5)
    assert server.left.wait(WAIT_S)


async def test_a_redirect_to_another_host_is_never_followed(server: ChatServer):
    with chat_server() as other:
        server.status, server.headers = 307, {"Location": f"{other.url}/chat/completions"}
        assert "redirects to another address, which Cognate does not follow" in await failure(server.url)
        assert (len(server.asked), other.asked) == (1, [])


@pytest.mark.parametrize("location", ["https://models.example/v1", "/v1/elsewhere", "http://[", ""])
async def test_no_redirect_is_followed_wherever_it_leads(server: ChatServer, location: str):
    server.status, server.headers = 301, {"Location": location} if location else {}
    await failure(server.url)
    assert len(server.asked) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_a_reply_that_is_too_large_is_not_read_to_its_end(server: ChatServer, announced: bool):
    server.reply = said("word " * (8 * LARGEST_REPLY))
    if not announced:
        server.headers = {"Content-Length": str(len(server.reply) * 100)}
    assert f"more than {LARGEST_REPLY:,} bytes" in await failure(server.url)


async def test_nobody_listening_is_said(server: ChatServer):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert f"http://127.0.0.1:{port}/v1 cannot be reached: " in await failure(f"http://127.0.0.1:{port}/v1")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_server_that_hangs_up_is_said(scheme: str):
    def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        told = await failure(f"{scheme}://127.0.0.1:{port}/v1")
    assert re.search(r"/v1 cannot be reached: \w[^.]+\.$", told)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(KEY_VARIABLE, "sk-open-sesame")
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    sent: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0, ssl=context) as listener:
        told = await failure(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1")
    assert "certificate verify failed" in told
    assert sent in ([], [b""])


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://models.example/v1",
        "http://192.168.1.20:8080/v1",
        "http://0.0.0.0:8080/v1",
        "http://127.0.0.1.example/v1",
        "http://localhost.example/v1",
        "http://[2001:db8::1]/v1",
    ],
)
async def test_another_machine_is_asked_over_https_alone(endpoint: str):
    assert "another machine" in await failure(endpoint)


@pytest.mark.parametrize("endpoint", ["", "localhost:8080", "ftp://127.0.0.1/v1", "http://", "file:///v1"])
async def test_what_is_no_address_is_refused_with_an_example(endpoint: str):
    assert "such as http://127.0.0.1:11434/v1" in await failure(endpoint)


@pytest.mark.parametrize("more", ["me:secret@127.0.0.1:1/v1", "127.0.0.1:1/v1?key=secret", "127.0.0.1:1/v1#secret"])
async def test_secrets_do_not_belong_into_the_address_and_are_not_repeated(more: str):
    told = await failure(f"http://{more}")
    assert KEY_VARIABLE in told
    assert "secret" not in told


async def test_the_key_is_sent_as_a_bearer_only_where_it_is_set_and_never_logged(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(KEY_VARIABLE, " sk-open-sesame\n")
    await ask(server.url, "talker", PROMPT)
    assert server.asked[0].headers["Authorization"] == "Bearer sk-open-sesame"
    monkeypatch.setenv(KEY_VARIABLE, "sk-open\nsesame")
    assert "sesame" not in await failure(server.url)
    assert len(server.asked) == 1
    assert "sesame" not in caplog.text
    monkeypatch.setenv(KEY_VARIABLE, "")
    await ask(server.url, "talker", PROMPT)
    assert "Authorization" not in server.asked[1].headers


async def test_what_stays_on_this_machine_goes_through_no_proxy(server: ChatServer, monkeypatch: pytest.MonkeyPatch):
    with chat_server() as proxy:
        for variable in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        assert await ask(server.url, "talker", PROMPT) == WORDS
        assert proxy.asked == []


async def test_cancelling_closes_the_connection(server: ChatServer):
    server.silent = True
    asking = asyncio.create_task(ask(server.url, "talker", PROMPT))
    assert await asyncio.to_thread(server.heard.wait, WAIT_S)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await asyncio.to_thread(server.left.wait, WAIT_S)


async def test_a_newer_question_ends_the_one_before_it(server: ChatServer):
    server.silent = True
    older = asyncio.create_task(ask(server.url, "talker", PROMPT))
    assert await asyncio.to_thread(server.heard.wait, WAIT_S)
    server.silent = False
    assert await ask(server.url, "talker", PROMPT) == WORDS
    with pytest.raises(EndpointError, match="newer question"):
        await older
    assert await asyncio.to_thread(server.left.wait, WAIT_S)
