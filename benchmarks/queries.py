#!/usr/bin/env python3
"""Times the command line and the server as a user meets them: index, query p50/p95 over stdio, memory.

Usage: queries.py CORPORA_DIR

Drives `cognate index` and `cognate serve` on all corpora as one workspace, with an empty cache. Ratios to encoding the
query alone, measured in the same run, are what to compare between machines.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUESTIONS = (
    "how are redirects followed", "parse the content type header", "where is the session cookie signed",
    "retry a failed connection", "validate a model field", "convert a path parameter to an integer",
    "stream the response body in chunks", "register an error handler", "HTTPAdapter", "get_torch_home",
    "combine several reducers", "cosine similarity of two embeddings", "timeout while reading", "render a template",
    "command line option with a default", "websocket close handshake",
)  # fmt: skip
ROUNDS = 10


class Server:
    """A `cognate serve` over stdio."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cognate", "serve", "--stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
        self._number = 0
        self.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": {}})
        self.send({"method": "initialized", "params": {}})

    def send(self, message: dict[str, object]) -> None:
        """Write one message."""
        assert self.process.stdin
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def request(self, method: str, params: object) -> dict[str, object]:
        """Return the result of a request, answering what the server asks on the way."""
        self._number += 1
        self.send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._read()
            if message.get("id") == self._number and "method" not in message:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]  # type: ignore[return-value]
            if "id" in message and "method" in message:
                self.send({"id": message["id"], "result": None})

    def _read(self) -> dict[str, object]:
        assert self.process.stdout
        header = b""
        while not header.endswith(b"\r\n\r\n"):
            header += self.process.stdout.read(1)
        found = re.search(rb"Content-Length: (\d+)", header)
        assert found
        return json.loads(self.process.stdout.read(int(found.group(1))))

    def resident_mb(self) -> float:
        """Return the resident memory in MB, where the system says."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def stop(self) -> None:
        """Shut the server down."""
        self.request("shutdown", None)
        self.send({"method": "exit"})
        self.process.wait(30)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000


def encode_alone() -> float:
    """Return the median time in seconds to encode one of the questions."""
    from cognate.embedding.onnx import load_encoder

    encoder = load_encoder("", threads=1)
    times: list[float] = []
    for question in QUESTIONS * ROUNDS:
        began = time.perf_counter()
        encoder.encode_query(question)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    corpora = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "COGNATE_CACHE_DIR": cache}
        command = [sys.executable, "-m", "cognate", "index", str(corpora), "--json"]
        began = time.perf_counter()
        summary = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)
        cold = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        again = time.perf_counter() - began
        size = sum(p.stat().st_size for p in Path(cache).rglob("*") if p.is_file()) / 1e6
        server = Server(corpora, environment)
        while server.request("cognate/status", {})["state"] != "ready":
            time.sleep(0.1)
        times: list[float] = []
        for question in QUESTIONS * ROUNDS:
            began = time.perf_counter()
            server.request("cognate/search", {"query": question, "limit": 10})
            times.append(time.perf_counter() - began)
        memory = server.resident_mb()
        server.stop()
    alone = encode_alone()
    p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
    rows = [
        ("files, chunks", f"{summary['files']:,}, {summary['chunks']:,}"),
        ("cold index, whole process", f"{cold:.1f} s"),
        ("second index, nothing changed", f"{again:.2f} s"),
        ("index and vectors on disk", f"{size:.1f} MB"),
        ("encoding a query alone, p50", f"{alone * 1000:.2f} ms"),
        ("search over stdio, p50", f"{p50:.2f} ms ({p50 / alone / 1000:.1f} times encoding)"),
        ("search over stdio, p95", f"{p95:.2f} ms ({p95 / alone / 1000:.1f} times encoding)"),
        ("resident memory of the server", f"{memory:.0f} MB"),
    ]
    for name, value in rows:
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
