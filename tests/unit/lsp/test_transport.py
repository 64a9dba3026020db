import asyncio
import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from cognate.errors import InvalidRequestError
from cognate.hosts import is_loopback
from cognate.lsp import transport
from cognate.lsp.feed import Feed
from cognate.lsp.server import build_server, serve_tcp
from cognate.streams import Frames
from unit.lsp.stub_engine import StubSource

SERVER_PATH = Path(__file__).parents[3] / "server"
HEAVY = {"numpy", "onnxruntime", "tree_sitter", "tantivy", "hnswlib", "sqlite3", "tokenizers"}


def run_python(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(SERVER_PATH)},
        timeout=60,
        input="line for the client\n",
    )


def test_the_server_is_imported_without_heavy_libraries() -> None:
    code = "import sys, cognate.lsp.server; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    assert not HEAVY & set(run_python(code).stdout.split())


def test_whatever_prints_prints_to_stderr() -> None:
    code = """
import os, subprocess, sys
from cognate.streams import guard_standard_streams
stdin, stdout = guard_standard_streams()
print("from print", flush=True)
os.write(1, b"from below")
subprocess.run([sys.executable, "-c", "import sys; print('from a child', sys.stdin.read())"], check=True)
os.write(stdout, os.read(stdin, 100))
"""
    done = run_python(code)
    assert done.stdout == "line for the client\n"
    assert "from print" in done.stderr
    assert "from below" in done.stderr
    assert "from a child \n" in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_addresses_are_served(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_other_addresses_are_refused(host: str) -> None:
    with pytest.raises(InvalidRequestError, match="loopback"):
        serve_tcp(host, 0)


async def connected(caplog: pytest.LogCaptureFixture, server: Any) -> tuple[Any, Any, "asyncio.Task[None]"]:
    connection = transport.over_socket(server.protocol, server.report_server_error, "127.0.0.1", 0)
    serving = asyncio.create_task(connection)
    while not (ports := [r.args[1] for r in caplog.records if str(r.msg).startswith("Listening")]):
        await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", ports[-1])
    return reader, writer, serving


def frame(**message: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_a_socket_carries_a_session(caplog: pytest.LogCaptureFixture) -> None:
    server = build_server(StubSource())  # pyright: ignore[reportArgumentType]
    reader, writer, serving = await connected(caplog, server)
    writer.write(frame(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}))
    assert (await reader.readline()).startswith(b"Content-Length: ")
    writer.write(frame(id=2, method="shutdown"))
    writer.write(frame(method="exit"))
    await asyncio.wait_for(serving, 10)
    writer.close()
    server.session.dispose()
    assert server.protocol.exit_code == 0


def test_another_thread_may_read_for_the_server() -> None:
    server, feed, sent = build_server(StubSource()), Feed(), io.BytesIO()  # pyright: ignore[reportArgumentType]
    feed.put(frame(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}))
    feed.put(b"")
    connection = transport.over_feed(server.protocol, server.report_server_error, feed, sent)
    thread = threading.Thread(target=transport.run, args=(connection, server.session.dispose))
    thread.start()
    feed.put(frame(id=2, method="cognate/status"))
    feed.put(frame(id=3, method="shutdown")[:-1])
    feed.end()
    thread.join(60)
    assert not thread.is_alive()
    assert [json.loads(body)["id"] for body in Frames().take(sent.getvalue())] == [1, 2]
    feed.put(b"Nobody reads on.")


async def test_a_browser_that_comes_by_is_sent_away(caplog: pytest.LogCaptureFixture) -> None:
    server = build_server(StubSource())  # pyright: ignore[reportArgumentType]
    reader, writer, serving = await connected(caplog, server)
    writer.write(b"POST / HTTP/1.1\r\n" + frame(id=1, method="initialize", params={"capabilities": {}}))
    await asyncio.wait_for(serving, 10)
    assert await reader.read() == b""
    writer.close()
    server.session.dispose()
