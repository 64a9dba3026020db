"""The server: three read-only tools over stdio, or over HTTP on a loopback address. The only importer of the SDK.

Runs on the SDK's event loop; questions run on its worker threads, each with a token that a cancelled call sets. No call
takes longer than ``CALL_S``: an index that cannot answer by then answers with its state.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable
from functools import partial
from socket import socket
from typing import Annotated, Any, Literal, TypeAlias, cast

import anyio
import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import CallToolResult, InputRequiredResult, TextContent, Tool, ToolAnnotations
from pydantic import Field, ValidationError

from cognate import __version__
from cognate.cancellation import CancelToken
from cognate.errors import CancelledError
from cognate.face import EngineFace
from cognate.mcp.format import Reply
from cognate.mcp.own_user import OwnUserOnly
from cognate.mcp.questions import USUAL_HITS, USUAL_TOKENS, Questions, answered
from cognate.types import State

CALL_S = 4.5  # No call takes longer; agents give up on slow tools for good.
FIRST_WAIT_S = 2.0  # An index that is being made for the first time gets this long to be worth asking.
WAIT_S = 0.5  # One that is catching up answers from what it has, and says what is stale.
STEP_S = 0.2  # Between two reports of progress.
READ_BYTES = 1 << 16

INSTRUCTIONS = """\
Cognate finds code in this workspace by meaning, from an index that stays in step with its files, on this machine.

- search_code: when you know what code does but not what it is called or where it is: "where are failed requests \
retried", "what decides whether a file is ignored". Always give two or three other wordings and likely identifiers in \
`also`: this finds code that shares no word with the question.
- related_code: when you are at a place and want others like it (before you change a pattern everywhere, or to see \
whether a helper exists already), or, by `kind`, its tests, callers, callees, siblings or documentation, \
or the files that usually change with its file (`changed-with`).
- explain_place: before you edit a definition: what it is part of, who uses it, which tests cover it.

Plain grep is better when you know an exact name or string and want every occurrence, for error messages copied from a \
log, and for renames: results here are the best few, not all. Read the file at the lines named before you edit it.

Lines count from 1, paths are relative to the workspace folder. Results are best first. A result marked "stale" has \
changed since it was indexed: read the file. "Index: meaning covers 43 %" says that embedding goes on; words and a \
translation table answer meanwhile, so ask again later if nothing fits."""

Wordings: TypeAlias = Annotated[
    list[str],
    Field(
        description="2-3 other wordings of the query and likely identifiers, e.g. ['exponential backoff', 'retry_call']"
    ),
]
Paths: TypeAlias = Annotated[list[str], Field(description="Only these globs or folders, e.g. ['src/', '*.ts']")]
Languages: TypeAlias = Annotated[list[str], Field(description="Only these, e.g. ['python', 'go']")]
Limit: TypeAlias = Annotated[int, Field(description="Results at most")]
MaxTokens: TypeAlias = Annotated[int, Field(description="Length of the answer at most")]
File: TypeAlias = Annotated[str, Field(description="Path relative to the workspace, as search_code returns it")]
Line: TypeAlias = Annotated[int, Field(description="Line, counted from 1")]
Kind: TypeAlias = Literal["similar", "tests", "callers", "callees", "siblings", "docs", "changed-with"]

READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class AgentServer(MCPServer[Any]):
    """The SDK's server with short schemas, and a sentence for arguments that do not fit them."""

    async def list_tools(self) -> list[Tool]:
        """Return the tools, their schemas without titles: every agent reads them before its first question."""
        tools = await super().list_tools()
        return [tool.model_copy(update={"input_schema": _without_titles(tool.input_schema)}) for tool in tools]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; arguments of a wrong shape are answered with what they should be."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return _result(Reply(_what_to_give(name, error.__cause__), is_error=True))

    async def run_lines_async(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over a connection, a message a line, until it ends; several may go on at the same time."""
        lines = cast("Any", _Lines(reader, writer))  # All of a file that the SDK uses.
        inner = self._lowlevel_server
        async with stdio_server(lines, lines) as streams:
            await inner.run(*streams, inner.create_initialization_options())


def agent_server(face: EngineFace) -> AgentServer:
    """Return a server of the tools for one folder."""
    questions = Questions(face)
    server = AgentServer(
        "cognate", title="Cognate", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING"
    )

    async def search_code(
        ctx: Context[Any, Any],
        *,
        query: Annotated[str, Field(description="What the code does, in words, or a name")],
        also: Wordings = [],  # noqa: B006 - the schema shows it; nothing changes it
        paths: Paths = [],  # noqa: B006
        languages: Languages = [],  # noqa: B006
        limit: Limit = USUAL_HITS,
        max_tokens: MaxTokens = USUAL_TOKENS,
    ) -> CallToolResult:
        ask = partial(
            questions.search_code,
            query=query, also=also, paths=paths, languages=languages, limit=limit, max_tokens=max_tokens,
        )  # fmt: skip
        return await _answer(ctx, face, questions, ask)

    async def related_code(
        ctx: Context[Any, Any],
        *,
        file: File,
        line: Line,
        kind: Kind = "similar",
        limit: Limit = USUAL_HITS,
        max_tokens: MaxTokens = USUAL_TOKENS,
    ) -> CallToolResult:
        ask = partial(questions.related_code, file=file, line=line, kind=kind, limit=limit, max_tokens=max_tokens)
        return await _answer(ctx, face, questions, ask)

    async def explain_place(ctx: Context[Any, Any], *, file: File, line: Line) -> CallToolResult:
        return await _answer(ctx, face, questions, partial(questions.explain_place, file=file, line=line))

    for tool, description in (
        (
            search_code,
            "Find code by what it does when you do not know its name or place. Give two or three other wordings and "
            "likely identifiers in `also`: it finds far more. For every occurrence of a known string, grep instead. "
            "Returns the best places with path, lines, signature and the line that matters.",
        ),
        (
            related_code,
            "Find other code that belongs to the code at a line: what does the like (similar), its tests, its callers, "
            "what it calls, its siblings, its documentation, or the files that usually change with its file.",
        ),
        (
            explain_place,
            "Say what a line is part of: the definition around it, who uses it, the tests that cover it, and the last "
            "commits that changed it. "
            "Use before changing a definition.",
        ),
    ):
        server.add_tool(tool, description=description, annotations=READ_ONLY, structured_output=False)
    return server


def serve_stdio(server: AgentServer) -> None:
    """Answer over stdin and stdout until the client closes them."""
    server.run("stdio")


def serve_connection(server: AgentServer, connection: socket) -> None:
    """Answer what comes over a connection, a message a line, until it ends."""

    async def serve() -> None:
        await server.run_lines_async(*await asyncio.open_connection(sock=connection))

    asyncio.run(serve())


class _Lines:
    """A connection as a file of lines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def __aiter__(self) -> AsyncGenerator[str]:
        pending = b""
        while data := await self._reader.read(READ_BYTES):  # A line may be longer than what the reader takes for one.
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace")

    async def write(self, text: str) -> None:
        self._writer.write(text.encode())

    async def flush(self) -> None:
        await self._writer.drain()


def serve_http(server: AgentServer, host: str, port: int) -> None:
    """Answer over HTTP at ``/mcp`` until interrupted.

    A web page in the user's browser can reach a loopback address under any host name that its owner makes resolve to
    it. So a request must name this address in Host, and in Origin if it has one. Other users can reach it, too; where
    the system tells who asks, they get nothing.
    """
    import uvicorn  # noqa: PLC0415 - stdio does without

    names = [f"{name}:{port}" for name in dict.fromkeys((_bracketed(host), "127.0.0.1", "localhost", "[::1]"))]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=names,
        allowed_origins=[f"http://{name}" for name in names],
    )
    app = server.streamable_http_app(transport_security=security, host=host)
    uvicorn.run(OwnUserOnly(app), host=host, port=port, log_level="warning")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _answer(
    ctx: Context[Any, Any], face: EngineFace, questions: Questions, ask: Callable[[CancelToken], Reply]
) -> CallToolResult:
    """Wait a moment for an index that is not current, then ask; a call that takes too long gets the index's state."""
    started = time.monotonic()
    cancel = CancelToken()
    try:
        with anyio.move_on_after(CALL_S):
            await _until_worth_asking(ctx, face, started)
            reply = await anyio.to_thread.run_sync(answered, partial(ask, cancel), abandon_on_cancel=True)
            return _result(reply)
    except CancelledError:  # The engine saw the token first.
        pass
    finally:
        cancel.cancel()
    return _result(await anyio.to_thread.run_sync(questions.late))


async def _until_worth_asking(ctx: Context[Any, Any], face: EngineFace, started: float) -> None:
    info = (await anyio.to_thread.run_sync(face.status, abandon_on_cancel=True)).index
    first_time = info.state in {State.EMPTY, State.INDEXING} and not math.isclose(info.coverage, 1.0)
    until = started + (FIRST_WAIT_S if first_time or not info.chunks else WAIT_S)
    while True:
        elapsed = time.monotonic() - started
        await ctx.report_progress(round(elapsed, 2), CALL_S, info.summary)
        step = min(STEP_S, until - time.monotonic())
        if step <= 0:
            return
        wait = partial(face.wait_until_current, step, embedded=False)
        if await anyio.to_thread.run_sync(wait, abandon_on_cancel=True):
            return
        info = (await anyio.to_thread.run_sync(face.status, abandon_on_cancel=True)).index


def _result(reply: Reply) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=reply.text)],
        structured_content=dict(reply.data) or None,
        is_error=reply.is_error,
    )


def _what_to_give(name: str, error: ValidationError) -> str:
    """Return what is wrong with a call's arguments, a sentence for each."""
    problems = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg'].lower()}" for problem in error.errors()]
    return f"{name} cannot be called like this. {'; '.join(problems)}. See the tool's schema."


def _without_titles(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: _without_titles(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)
        }
    return [_without_titles(value) for value in schema] if isinstance(schema, list) else schema
