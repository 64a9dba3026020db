"""A language client for measuring: one `cognate serve` over stdio, its replies read on a thread of their own.

It answers what the server asks, keeps what the server logs in a file, and registers no file watching, so that the
server watches its folder itself.
"""

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from harness import IDLE, WAIT_S, cognate

ASK_AGAIN_S = 0.02
"""Questions go before indexing: whoever asks without a pause holds up what they wait for."""


class Refused(Exception):  # noqa: N818 - it is the server's answer, not our error
    """The server replied with an error."""


class Server:
    """A server process and the conversation with it; a context manager that shuts it down."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], log: Path, settings: Mapping[str, Any] | None = None
    ) -> None:
        self.folder, self.log = folder, log
        self.began = time.perf_counter()
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                cognate("serve", "--stdio"),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=dict(environment),
            )  # fmt: skip
        self._replies: dict[int, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._number = 0
        self._ended = False
        threading.Thread(target=self._read_all, daemon=True).start()
        params = {"processId": None, "rootUri": folder.as_uri(), "capabilities": {},
                  "initializationOptions": dict(settings or {})}  # fmt: skip
        self.request("initialize", params)
        self.notify("initialized", {})

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self.request("shutdown", None)
            self.notify("exit", None)
            self.process.wait(60)
        else:
            self.process.kill()
            self.process.wait()

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def request(self, method: str, params: object) -> Any:
        """Return the result of a request.

        Raises:
            Refused: when the server answers with an error.
            SystemExit: when it does not answer.
        """
        with self._changed:
            self._number += 1
            number = self._number
        self._send({"id": number, "method": method, "params": params})
        with self._changed:
            if not self._changed.wait_for(lambda: number in self._replies or self._ended, WAIT_S):
                raise SystemExit(f"{method} was never answered; see {self.log}")
            if number not in self._replies:
                raise SystemExit(f"The server ended before it answered {method}; see {self.log}")
            reply = self._replies.pop(number)
        if "error" in reply:
            raise Refused(f"{method}: {reply['error']}")
        return reply["result"]

    def timed(self, method: str, params: object) -> tuple[float, Any]:
        """Return the seconds from sending a request to having its result, and the result."""
        began = time.perf_counter()
        result = self.request(method, params)
        return time.perf_counter() - began, result

    def search(self, query: str, limit: int = 10, also: Sequence[str] = ()) -> tuple[float, list[dict[str, Any]]]:
        """Return seconds and hits of a search, in other wordings, too."""
        seconds, result = self.timed("cognate/search", {"query": query, "limit": limit, "also": list(also)})
        return seconds, result["hits"]

    def status(self) -> dict[str, Any]:
        """Return the server's status."""
        return self.request("cognate/status", {})

    def wait_until_ready(self, *, tidied: bool = False) -> dict[str, Any]:
        """Return the status once everything is searchable.

        Args:
            tidied: wait for the work that no answer waits for, too; only of a server that writes the index.

        Raises:
            SystemExit: when that takes too long.
        """
        until = time.monotonic() + WAIT_S
        while True:
            status = self.status()
            if status["state"] in IDLE and not (tidied and any(folder["phase"] for folder in status["folders"])):
                return status
            if time.monotonic() > until:
                raise SystemExit(f"The index did not become ready: {status}")
            time.sleep(0.1)

    def wait_until_still(self, seconds: float) -> None:
        """Wait until the index has been the same for some seconds.

        Raises:
            SystemExit: when that takes too long.
        """
        until = time.monotonic() + WAIT_S
        known, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            generation = self.status()["index"]["generation"]
            if generation != known:
                known, since = generation, time.monotonic()
            if time.monotonic() > until:
                raise SystemExit("The index did not come to rest")
            time.sleep(0.1)

    def until_found(self, name: str) -> None:
        """Wait until a search for a name leads to its definition.

        Raises:
            SystemExit: when it is not found in time.
        """
        until = time.monotonic() + 60
        while not any((hit.get("symbol") or {}).get("name") == name for hit in self.search(name, 3)[1]):
            if time.monotonic() > until:
                raise SystemExit(f"{name} was not found in time; see {self.log}")
            time.sleep(ASK_AGAIN_S)

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a document and return its URI."""
        text = path.read_text(encoding="utf-8", errors="replace") if text is None else text
        document = {"uri": path.as_uri(), "languageId": path.suffix[1:], "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})
        return path.as_uri()

    def close(self, uri: str) -> None:
        """Close a document."""
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def change(self, uri: str, version: int, lines: tuple[int, int], text: str) -> None:
        """Replace lines of an open document, the last not included."""
        whole = {"start": {"line": lines[0], "character": 0}, "end": {"line": lines[1], "character": 0}}
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": [{"range": whole, "text": text}]},
        )

    def resident_mb(self) -> float:
        """Return the resident memory in MB; not a number where the system does not say."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.is_file():
            return float("nan")
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self.process.stdin.flush()

    def _read_all(self) -> None:
        assert self.process.stdout
        stream = self.process.stdout
        while line := stream.readline():
            length = int(line.partition(b":")[2])
            while stream.readline().strip():
                pass
            message = json.loads(stream.read(length))
            if "method" in message:
                if "id" in message:
                    self._send({"id": message["id"], "result": None})
                continue
            with self._changed:
                self._replies[message["id"]] = message
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
