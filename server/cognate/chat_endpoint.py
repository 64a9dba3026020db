"""Asks a chat model over HTTP. With this module alone a question leaves the process, and only when a user wants it.

Speaks to any server with OpenAI's chat interface, such as Ollama, llama.cpp and LM Studio. Runs on the caller's event
loop; the loop's own thread looks up names of hosts. Sends a prompt and, where there is one, a key; never reads code.
Import it where it is used: the HTTP library takes longer to import than a search takes to answer.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, cast
from weakref import WeakKeyDictionary

import httpx2

from cognate import __version__
from cognate.errors import EndpointError
from cognate.hosts import is_loopback
from cognate.places import KEY_VARIABLE
from cognate.search.phrasings import Prompt

LIMIT_S = 8.0
"""How long an answer may take, from the first look-up to the last byte; a person waits for it."""

LARGEST_REPLY = 1_000_000
"""Bytes of a reply; wordings take some hundred."""

LONGEST_REASON = 200
"""Characters that a server may add to a sentence about its failure."""

_NO_CHAT = "embed"
"""Stands in the names of models that only embed; LM Studio and Ollama list them among the others."""

_running: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[str]]" = WeakKeyDictionary()
"""The last request of each editor, whose server has an event loop of its own."""


async def ask(endpoint: str, model: str, prompt: Prompt, *, limit_s: float = LIMIT_S) -> str:
    """Return what a chat model replies to a prompt.

    A process sends one request at a time. A newer request ends the older one: a person who asks anew has no use for
    the older answer. Cancelling closes the connection. Redirects are never followed.

    Args:
        endpoint: the address that ``/chat/completions`` is added to, such as ``http://127.0.0.1:11434/v1``. On this
            machine http or https, anywhere else https.
        model: the name of a model; empty for the first that the endpoint lists and that does not only embed.
        prompt: what is sent.
        limit_s: seconds until it is given up.

    Raises:
        EndpointError: when there is no reply, with the reason as a sentence.
    """
    base, loop = _base(endpoint), asyncio.get_running_loop()
    task = asyncio.ensure_future(_ask(base, model.strip(), prompt, _running.get(loop)))
    _running[loop] = task
    try:
        return await asyncio.wait_for(task, limit_s)
    except asyncio.TimeoutError:
        raise EndpointError(f"{_at(base)} did not answer within {limit_s:g} s.") from None
    except asyncio.CancelledError:
        if _running.get(loop) is not task:
            raise EndpointError("A newer question took the place of this one.") from None
        raise


async def _ask(base: httpx2.URL, model: str, prompt: Prompt, before: "asyncio.Task[str] | None") -> str:
    if before is not None and not before.done():
        before.cancel()
        await asyncio.wait([before])
    headers = {"User-Agent": f"cognate/{__version__}", "Accept-Encoding": "identity", **_authorization()}
    try:
        async with httpx2.AsyncClient(
            headers=headers,
            timeout=None,  # The caller limits the whole.
            follow_redirects=False,
            verify=base.scheme == "https",
            trust_env=not is_loopback(_host(base)),  # What stays on this machine goes through no proxy.
        ) as client:
            name = model or _first_chat_model(await _fetch(client, "GET", base, "/models"), base)
            messages = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
            body = {"model": name, "messages": messages, "stream": False}
            return _content(await _fetch(client, "POST", base, "/chat/completions", body), base)
    except (httpx2.HTTPError, OSError, ImportError, ValueError) as error:
        reason = str(error).rstrip(".") or "it closed the connection"
        raise EndpointError(f"{_at(base)} cannot be reached: {reason}.") from error


def _base(endpoint: str) -> httpx2.URL:
    """Return an endpoint's address, checked by the library that will connect to it, so that both read it alike."""
    try:
        url = httpx2.URL(endpoint.strip())
    except (httpx2.InvalidURL, ValueError):
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise EndpointError("The chat model's endpoint must be an address such as http://127.0.0.1:11434/v1.")
    if url.userinfo or url.query or url.fragment:
        raise EndpointError(
            "The chat model's endpoint must be an address without a password, a query or a fragment; a key comes from "
            f"the environment variable {KEY_VARIABLE}."
        )
    if url.scheme == "http" and not is_loopback(_host(url)):
        raise EndpointError(
            f"The chat model's endpoint is on another machine, {_host(url)}, and must begin with https; http is only "
            "for 127.0.0.1, ::1 and localhost."
        )
    return url


def _host(url: httpx2.URL) -> str:
    """Return the host as it is connected to."""
    return url.raw_host.decode("ascii")


def _at(base: httpx2.URL) -> str:
    return f"The chat model's endpoint {base}"


def _authorization() -> Mapping[str, str]:
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise EndpointError(f"The key in {KEY_VARIABLE} has characters that no key can have. Set it again.")
    return {"Authorization": f"Bearer {key}"}


async def _fetch(client: httpx2.AsyncClient, method: str, base: httpx2.URL, path: str, body: object = None) -> object:
    """Return the JSON that the endpoint answers with."""
    url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + path.encode("ascii"))
    async with client.stream(method, url, json=body) as response:
        if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
            raise EndpointError(
                f"{_at(base)} redirects to another address, which Cognate does not follow. Set that address instead."
            )
        data = bytearray()
        async for piece in response.aiter_raw():
            data += piece
            if len(data) > LARGEST_REPLY:
                raise EndpointError(
                    f"{_at(base)} sent more than {LARGEST_REPLY:,} bytes; Cognate reads no more than that."
                )
    parsed: object = None
    with suppress(ValueError, RecursionError):
        parsed = json.loads(data)
    if response.status_code != HTTPStatus.OK:
        raise EndpointError(f"{_at(base)} {_refusal(response.status_code, parsed)}")
    if parsed is None:
        raise EndpointError(f"{_at(base)} sent a reply that is not JSON. Its address may have to end in /v1.")
    return parsed


def _refusal(status: int, parsed: object) -> str:
    """Return how a server that answers with a failure is told of, with its own reason if it gives one."""
    reason = _within(parsed, "error", "message") or _within(parsed, "error")
    said = "".join(filter(str.isprintable, " ".join(reason.split()))) if isinstance(reason, str) else ""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        said += f" (its key comes from the environment variable {KEY_VARIABLE})"
    elif status == HTTPStatus.NOT_FOUND and not said:
        said = "its address may have to end in /v1"
    shown = f": {said.strip()[:LONGEST_REASON].rstrip('.')}" if said else ""
    return f"answers with status {status}{shown}."


def _first_chat_model(listed: object, base: httpx2.URL) -> str:
    entries = _within(listed, "data")
    names = [_within(entry, "id") for entry in cast("list[object]", entries)] if isinstance(entries, list) else []
    for name in names:
        if isinstance(name, str) and name and _NO_CHAT not in name.lower():
            return name
    raise EndpointError(f"{_at(base)} lists no chat model. Name one.")


def _content(reply: object, base: httpx2.URL) -> str:
    content = _within(reply, "choices", 0, "message", "content")
    if not isinstance(content, str):
        raise EndpointError(f"{_at(base)} sent JSON that holds no message of a chat model.")
    return content


def _within(value: object, *path: str | int) -> object:
    """Return what lies at a path of keys and indexes inside JSON, None where nothing does."""
    for step in path:
        try:
            value = cast("Any", value)[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value
