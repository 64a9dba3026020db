"""Checks an installation: Python, libraries, model, cache folder. Each check says what to do where it fails."""

import importlib.metadata
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cognate import __version__
from cognate.errors import CognateError
from cognate.index import hnsw
from cognate.index.locations import default_cache_dir, make_private_folder
from cognate.indexing.services import Services

LIBRARIES = (
    "numpy", "onnxruntime", "pygls", "lsprotocol", "tantivy", "tokenizers", "tree-sitter",
    "tree-sitter-language-pack", "watchdog",
)  # fmt: skip
OLDEST_PYTHON = (3, 10)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def examine(model: str) -> list[Check]:
    """Return all checks; never raises for what it finds."""
    return [
        Check("cognate", True, __version__),
        Check("python", sys.version_info >= OLDEST_PYTHON, f"{platform.python_version()} at {sys.executable}"),
        *(_library(name) for name in LIBRARIES),
        _nearest_neighbours(),
        _fenced("grammars", _grammars),
        _fenced("model", lambda: _model(model)),
        _fenced("cache folder", _cache_folder),
    ]


def _library(name: str) -> Check:
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, f"missing: pip install {name}")


def _nearest_neighbours() -> Check:
    missing, size = hnsw.missing_because(), f"{hnsw.GRAPH_FROM:,} vectors"
    if missing:
        detail = f"not in use ({missing}): all vectors are compared, which takes longer from {size} on; "
        return Check("hnswlib", True, detail + "pip install hnswlib adds it")
    return Check("hnswlib", True, f"{importlib.metadata.version('hnswlib')}, for a graph from {size} on")


def _fenced(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except (CognateError, OSError) as error:
        return Check(name, False, str(error))


def _grammars() -> str:
    from cognate.chunking import chunk_file  # noqa: PLC0415 - loads tree-sitter

    symbols = [s.name for chunk in chunk_file("a.py", "def f():\n    return 1\n").chunks for s in chunk.symbols]
    if symbols != ["f"]:
        raise CognateError("the Python grammar does not find a function: reinstall tree-sitter-language-pack")
    return "the Python grammar finds a function"


def _model(setting: str) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        services = Services(Path(scratch))
        try:
            encoder = services.model(setting, 1).encoder
            encoder.encode_query("warm up")
            began = time.perf_counter()
            encoder.encode_query("where are passwords hashed")
            taken = (time.perf_counter() - began) * 1000
            return f"{encoder.name}, {encoder.dimensions} dimensions, {taken:.1f} ms a query"
        finally:
            services.close()


def _cache_folder() -> str:
    folder = default_cache_dir()
    make_private_folder(folder)
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    return f"{folder}, {size / 1e6:.0f} MB"
