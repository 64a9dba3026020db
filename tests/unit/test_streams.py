"""A relay cuts what an editor says into the same messages as a server does."""

import asyncio
import json
import threading
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pygls.io_ import run_async

from cognate.lsp.transport import AnyCase
from cognate.streams import Frames, frame

BODIES = st.lists(st.text(max_size=20).map(lambda text: json.dumps(text).encode()), max_size=5)
JUNK = st.sampled_from([b"", b"\r\n", b"X-Other: 1\r\n", b"no header\r\n", b"Content-Length: x\r\n"])


class Heard:
    """What pygls makes of a stream."""

    def __init__(self) -> None:
        self.messages: list[Any] = []

    def structure_message(self, data: Any) -> Any:
        return data

    def handle_message(self, message: Any) -> None:
        self.messages.append(message)


async def heard_by_pygls(stream: bytes) -> list[Any]:
    reader, heard = asyncio.StreamReader(), Heard()
    reader.feed_data(stream)
    reader.feed_eof()
    await run_async(threading.Event(), AnyCase(reader), heard)  # pyright: ignore[reportArgumentType]
    return heard.messages


@settings(deadline=None, max_examples=50)
@given(BODIES, JUNK, st.sampled_from(["Content-Length", "content-length"]), st.integers(1, 30), st.booleans())
def test_messages_are_cut_as_pygls_cuts_them(bodies: list[bytes], junk: bytes, name: str, size: int, typed: bool):
    head = f"{name}: %d\r\n" + ("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n" if typed else "")
    stream = b"".join(junk + head.encode() % len(body) + b"\r\n" + body for body in bodies)
    frames = Frames()
    cut = [body for start in range(0, len(stream), size) for body in frames.take(stream[start : start + size])]
    assert cut == bodies
    assert [json.loads(body) for body in cut] == asyncio.run(heard_by_pygls(stream))


def test_half_a_message_is_kept_until_the_rest_comes():
    frames, whole = Frames(), frame(b'{"id":1}')
    assert list(frames.take(whole + whole[:9])) == [b'{"id":1}']
    assert frames.rest == whole[:9]
    assert list(frames.take(whole[9:])) == [b'{"id":1}']
    assert frames.rest == b""
