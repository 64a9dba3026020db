"""Lets only this user's processes ask over HTTP, where the system tells whose a connection is. Pure ASGI.

Any process of a machine can reach a loopback port. Linux says in ``/proc/net/tcp`` which user has each connection;
elsewhere nothing does, and ``docs/agents.md`` says so.
"""

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LOCAL, REMOTE, USER = 1, 2, 7
"""Columns of a table: ``ADDRESS:PORT`` of both ends, hexadecimal, and the number of the user."""

REFUSED = b"This server answers the user who started it."

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class OwnUserOnly:
    """An application that hands requests of this user on to another one, and refuses all others."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not _is_own(scope):
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSED})
            return
        await self._app(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    if sys.platform != "linux":
        return True
    (_, client), (_, server) = scope["client"], scope["server"]
    return user_of(client, server) == os.geteuid()


def user_of(local_port: int, remote_port: int) -> int | None:
    """Return the user who has the connection from one loopback port to another, None if there is none."""
    ends = f":{local_port:04X}", f":{remote_port:04X}"
    for table in TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for columns in map(str.split, lines):
            if columns[LOCAL].endswith(ends[0]) and columns[REMOTE].endswith(ends[1]):
                return int(columns[USER])
    return None
