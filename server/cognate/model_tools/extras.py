"""Owns the import of the heavy libraries that only the tool chain needs, and of the samples it measures on.

Any thread. Never imports one of them before it is asked to.
"""

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cognate.errors import ModelError

SAMPLES = Path(__file__).with_name("samples.json")


@dataclass(frozen=True, slots=True)
class Samples:
    """Embedding texts of real code and questions about it.

    Attributes:
        calibration: chunk texts that quantization measures activations on.
        chunks: chunk texts that parity is measured on; none of them is in ``calibration``.
        queries: what a user might type.
    """

    calibration: tuple[str, ...]
    chunks: tuple[str, ...]
    queries: tuple[str, ...]


def require(module: str) -> Any:
    """Return a module of the extra ``models``.

    Raises:
        ModelError: when it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ModelError(f"This needs {module.partition('.')[0]}: pip install 'cognate[models]'") from error


def samples() -> Samples:
    """Return the texts that ship with the tool chain."""
    raw = json.loads(SAMPLES.read_text(encoding="utf-8"))
    return Samples(tuple(raw["calibration"]), tuple(raw["chunks"]), tuple(raw["queries"]))


def load_source(source: str, *, kind: str = "SentenceTransformer") -> Any:
    """Return the sentence-transformers model of a folder or hub name, on the CPU.

    Args:
        source: the folder or name.
        kind: the library's class for it: ``SentenceTransformer`` or ``CrossEncoder``.

    Raises:
        ModelError: when sentence-transformers is missing or cannot load it.
    """
    library = require("sentence_transformers")
    try:
        return getattr(library, kind)(source, device="cpu")
    except Exception as error:  # It raises whatever transformers, the hub and torch raise.
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"Cannot load the sentence-transformers model {source!r}: {first[:200]}. "
            "Name a folder, or a hub repository."
        ) from error
