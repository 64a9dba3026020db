"""Owns the import of the libraries that only the tool chain needs. Any thread; imports none before it is asked."""

import importlib
from typing import Any

from cognate.embedding.runtime import first_line
from cognate.errors import ModelError


def require(module: str) -> Any:
    """Return a module of the extra ``models``.

    Raises:
        ModelError: when it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ModelError(
            f"This needs {module.partition('.')[0]}. Run pip install --editable '.[models]' in the checkout; "
            "`make model` sets up such an environment in .venv-models."
        ) from error


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
        raise ModelError(
            f"Cannot load the sentence-transformers model {source!r}: {first_line(error)}. "
            "Name a folder, or a hub repository."
        ) from error
