"""Lets the other processes of this user ask the engine that this process owns.

One thread runs an event loop that reads and writes; questions run on two threads beside it. A guest's commands are
carried out in the order in which they come, before the questions that come after them. What a guest has of the engine,
its open buffers and its running questions, ends with its connection.
"""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cognate import __version__, greeting, wire
from cognate.cancellation import CancelToken
from cognate.errors import CognateError
from cognate.face import types_of
from cognate.greeting import Note, StrangerError
from cognate.json_values import from_json, to_json
from cognate.settings import Settings
from cognate.types import Status
from cognate.visits import Caller, Front, Visit
from cognate.wire import Guest

if TYPE_CHECKING:
    from cognate.engine import Engine

log = logging.getLogger(__name__)

CANCELLABLE = frozenset({"search", "related", "duplicates", "twins", "history"})
"""Methods of the engine that take a token, whose results a guest gets."""

QUESTIONS = frozenset({"status", "paths", "languages", "symbols_in", "referrers", "explain", "import_ranks"})
"""Methods whose results a guest gets at once."""

COMMANDS = frozenset({"note_changed", "reconcile", "set_buffer", "drop_buffer", "pause", "resume", "reindex", "watch"})
"""Methods that return at once and whose results nobody waits for."""

AT_ONCE = 2
"""Questions of guests that run at the same time; more would only take Python's lock from each other."""

WAITS = 32
"""Guests that can wait for the index to be current at the same time."""

STATUS_EVERY_S = 0.05
"""A guest is told of a new status at most so often."""


class Host:
    """Listens from ``start`` on, and answers as soon as there is an engine to ask.

    Args:
        index_folder: where the note is left.
        fronts: the front ends that run here for other processes, by what those call themselves.
    """

    def __init__(self, index_folder: Path, fronts: Mapping[str, Front]) -> None:
        self._index_folder = index_folder
        self._fronts = fronts
        self._note = greeting.new_note(str(index_folder))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="cognate-host", daemon=True)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="cognate-guest")
        self._waits = ThreadPoolExecutor(WAITS, thread_name_prefix="cognate-guest-wait")
        self._listening = self._listen()
        # From here on: used on the event loop alone.
        self._turns = threading.Semaphore(AT_ONCE)
        self._numbers = count(1)
        self._guests: set[Visit] = set()
        self._engine: asyncio.Future[Engine] = self._loop.create_future()
        self._takes_settings: Callable[[Settings], None] | None = None
        self._server: asyncio.Server | None = None
        self._latest: Status | None = None

    def start(self) -> None:
        """Begin to listen, and leave the note that says where.

        Raises:
            OSError: when the system refuses; nobody is let in then.
        """
        try:
            wire.leave_note(self._index_folder, self._note)
        except OSError:
            self._listening.close()
            self._loop.close()
            raise
        self._thread.start()

    def serve(self, engine: "Engine", takes_settings: Callable[[Settings], None] | None) -> None:
        """Let guests ask an engine from now on.

        Args:
            engine: started or about to be.
            takes_settings: called with the settings that a guest brings, None if this process has its own.
        """
        engine.subscribe(partial(self._call, self._post))

        def begin() -> None:
            self._takes_settings = takes_settings
            self._engine.set_result(engine)

        self._call(begin)

    def close(self) -> None:
        """Send the guests away and listen no more; they ask whoever owns the index next."""
        wire.remove_note(self._index_folder, self._note)
        if self._thread.is_alive():
            self._call(self._loop.stop)
            self._thread.join()
        for threads in (self._threads, self._waits):
            threads.shutdown(wait=False, cancel_futures=True)

    def _listen(self) -> socket.socket:
        """Return a bound socket; the note says where it is."""
        if self._note.socket:
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            Path(self._note.socket).unlink(missing_ok=True)  # Of an owner that was killed: the lock is ours now.
            made.bind(self._note.socket)
            Path(self._note.socket).chmod(0o600)
        else:
            made = socket.create_server(("127.0.0.1", 0))
            self._note = Note(self._note.pid, self._note.token, port=made.getsockname()[1])
        return made

    def _call(self, what: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # The loop is closed: there are no guests any more.
            self._loop.call_soon_threadsafe(what, *arguments)

    # -- the event loop

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.create_task(self._accept())
        self._loop.run_forever()
        if self._server is not None:
            self._server.close()
        for guest in list(self._guests):
            guest.end()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()
        self._listening.close()

    async def _accept(self) -> None:
        start = asyncio.start_unix_server if self._note.socket else asyncio.start_server
        self._server = await cast("Any", start)(self._meet, sock=self._listening)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet whoever comes; talk with a guest until it leaves."""
        visit = Visit(next(self._numbers), writer)
        try:
            words = await asyncio.wait_for(self._greeted(reader, writer), greeting.GREETING_S)
            if words is None:
                return
            self._guests.add(visit)
            if (front := self._fronts.get(words[0])) is not None:
                await front(self._caller(visit, words[2:], reader, writer))
                return
            while True:
                self._take(visit, await _received(reader))
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            pass  # It has left, or never said anything.
        except asyncio.CancelledError:
            pass  # The host closes, and this ends here; asyncio would write a cancelled visit to the log as a failure.
        except StrangerError as error:
            log.warning("A connection was closed: %s", error)
        except Exception:
            log.exception("A front end failed")
        finally:
            self._leave(visit)
            writer.close()

    def _caller(
        self, visit: Visit, words: Sequence[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Caller:
        """Return a visit as its front end sees it."""
        return Caller(
            number=visit.number,
            words=words,
            engine=self._engine,
            loop=self._loop,
            threads=self._threads,
            turns=self._turns,
            reader=reader,
            writer=writer,
            refusal=self._refusal_of,
            take_settings=self._take_settings,
            subscribe=partial(self._call, visit.listeners.append),
        )

    async def _greeted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[str] | None:
        """Let the other side prove that it is the user's; return what it says of itself, None if it is refused.

        Raises:
            StrangerError: when it cannot prove it.
        """
        greeting.check_peer(cast("socket.socket", writer.get_extra_info("socket")))
        token, ours = self._note.token, greeting.challenge()
        hello = await reader.readexactly(greeting.HELLO_BYTES)
        if not hello.startswith(greeting.HELLO):
            raise StrangerError("It does not greet as Cognate does.")
        writer.write(ours + greeting.proof(token, b"owner", hello.removeprefix(greeting.HELLO)))
        if not greeting.is_proof(await reader.readexactly(greeting.SECRET_BYTES), token, b"guest", ours):
            raise StrangerError("It does not know the token.")
        words = greeting.words_of(await _framed(reader, greeting.MOST_WORDS_BYTES))
        refused = await self._refusal(words)
        writer.write(greeting.framed(refused.encode()))
        await writer.drain()
        return None if refused else words

    async def _refusal(self, words: Sequence[str]) -> str:
        """Return why a guest cannot be served, fit to show; empty if it can."""
        kind, version, *more = words if len(words) > 1 else (*words, "another version")
        if version != __version__:
            return f"Cognate {__version__} holds this folder's index, and this is Cognate {version}"
        if kind in self._fronts:
            return ""
        try:
            guest: Guest = from_json(Guest, json.loads(more[0]))
        except (ValueError, IndexError):
            return "The process that holds this folder's index does not know this kind of guest"
        return await self._refusal_of(guest)

    async def _refusal_of(self, guest: Guest) -> str:
        """Return why what a guest needs cannot be had here, fit to show; empty if it can."""
        if (guest.model is None and guest.reranker is None) or (
            guest.has_settings and self._takes_settings is not None
        ):
            return ""
        settings = (await asyncio.shield(self._engine)).settings
        for name, wanted, used in (
            ("model", guest.model, settings.model), ("reranker", guest.reranker, settings.reranker)
        ):  # fmt: skip
            if wanted is not None and wanted != used:
                return f"Another process holds this folder's index, with another {name}"
        return ""

    def _take(self, visit: "Visit", message: dict[str, Any]) -> None:
        """Carry out a command, or begin to answer a question."""
        name, number = message.get("ask"), message.get("id")
        if "cancel" in message:
            visit.cancel(message["cancel"])
        elif isinstance(number, int):
            token = CancelToken()
            task = self._loop.create_task(self._answer(visit, number, str(name), message.get("with", {}), token))
            visit.asked[number] = token, task
        else:
            command = self._loop.create_task(self._obey(visit, str(name), message.get("with", {})))
            visit.kept.add(command)
            command.add_done_callback(visit.kept.discard)

    async def _obey(self, visit: "Visit", name: str, given: dict[str, Any]) -> None:
        engine = await asyncio.shield(self._engine)
        try:
            if name == "subscribe":
                visit.listeners.append(visit.tell)
                visit.tell(engine.status())
            elif name == "apply_settings":
                self._take_settings(from_json(Settings, given["settings"]))
            elif name in COMMANDS:
                more = {"editor": visit.number} if name in {"set_buffer", "drop_buffer"} else {}
                getattr(engine, name)(**_arguments(name, given), **more)
        except Exception:
            log.exception("A guest's %s failed", name)

    async def _answer(self, visit: "Visit", number: int, name: str, given: dict[str, Any], token: CancelToken) -> None:
        try:
            result = await self._asked(name, given, token)
            reply = {"id": number, "result": result}
        except asyncio.CancelledError:
            token.cancel()
            raise
        except CognateError as error:
            reply = {"id": number, "error": {"kind": type(error).__name__, "message": str(error)}}
        except Exception as error:
            log.exception("A guest's question failed: %s", name)
            said = f"The engine met an internal error ({type(error).__name__}); its log says more."
            reply = {"id": number, "error": {"kind": "CognateError", "message": said}}
        finally:
            visit.asked.pop(number, None)
        visit.send(reply)

    async def _asked(self, name: str, given: dict[str, Any], token: CancelToken) -> Any:
        engine = await asyncio.shield(self._engine)
        if name == "wait_until_current":
            work = partial(engine.wait_until_current, given["timeout"], embedded=bool(given["embedded"]))
            return await self._loop.run_in_executor(self._waits, work)
        if name not in QUESTIONS | CANCELLABLE:
            raise CognateError(f"There is no question called {name}.")
        arguments = _arguments(name, given)
        if name in CANCELLABLE:
            arguments["cancel"] = token
        work = partial(getattr(engine, name), **arguments)
        return to_json(await self._loop.run_in_executor(self._threads, work))

    def _take_settings(self, settings: Settings) -> None:
        if self._takes_settings is not None:
            self._takes_settings(settings)

    def _leave(self, visit: "Visit") -> None:
        self._guests.discard(visit)
        visit.end()
        if self._engine.done():
            self._engine.result().drop_buffers(visit.number)

    def _post(self, status: Status) -> None:
        """Tell the guests of a status, the last of those that come within a moment."""
        if self._latest is None:
            self._loop.call_later(STATUS_EVERY_S, self._tell)
        self._latest = status

    def _tell(self) -> None:
        status, self._latest = self._latest, None
        for listener in [listener for visit in self._guests for listener in visit.listeners]:
            if status is not None:
                listener(status)


async def _framed(reader: asyncio.StreamReader, at_most: int) -> bytes:
    head = await reader.readexactly(greeting.HEAD_BYTES)
    return await reader.readexactly(greeting.length_of(head, at_most))


async def _received(reader: asyncio.StreamReader) -> dict[str, Any]:
    return wire.message_of(await _framed(reader, wire.MOST_BYTES))


def _arguments(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a method of the engine, each of the type that it declares."""
    return {key: from_json(types_of(name)[key], value) for key, value in given.items()}
