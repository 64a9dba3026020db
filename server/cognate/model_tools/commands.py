"""Owns the commands ``cognate model export | quantize | check``: their output and their exit codes.

Each returns 0 when it did what was asked, 1 when a check failed, and raises ModelError (exit code 2) otherwise.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cognate.model_tools.check import CheckReport
from cognate.model_tools.check import check as check_model
from cognate.model_tools.export import export as export_model
from cognate.model_tools.export import export_cross_encoder
from cognate.model_tools.quantize import quantize as quantize_model

PASSED, FAILED = 0, 1


def export(options: argparse.Namespace) -> int:
    """Export ``options.source`` to ``options.out``."""
    write = export_cross_encoder if options.cross_encoder else export_model
    folder = write(options.source, options.out)
    return _written(folder, as_json=options.json)


def quantize(options: argparse.Namespace) -> int:
    """Quantize ``options.folder`` to ``options.out``."""
    folder = quantize_model(options.folder, options.out)
    return _written(folder, as_json=options.json)


def check(options: argparse.Namespace) -> int:
    """Compare ``options.folder`` with ``options.source``."""
    report = check_model(options.folder, options.source, write_reference=getattr(options, "write_reference", None))
    sys.stdout.write(f"{json.dumps(report.as_json()) if options.json else _text(report)}\n")
    return PASSED if report.passed else FAILED


def _written(folder: Path, *, as_json: bool) -> int:
    card: Mapping[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    size = (folder / "model.onnx").stat().st_size
    if as_json:
        sys.stdout.write(f"{json.dumps({**card, 'folder': str(folder), 'model_bytes': size})}\n")
    else:
        what = f"{card['dimensions']} dimensions" if "dimensions" in card else card["kind"]
        sys.stdout.write(f"Wrote {folder}: {what}, {size / 1e6:.1f} MB\n")
    return PASSED


def _text(report: CheckReport) -> str:
    return "\n".join(
        [
            f"{report.model} against {report.source}: {report.chunks} chunks, {report.queries} queries",
            f"  cosine            mean {report.cosine_mean:.4f}, lowest {report.cosine_min:.4f}",
            f"  top 10 kept       {report.overlap:.1%} on average",
            f"  9 of 10 or better {report.near:.1%} of the queries",
            f"  all 10            {report.same:.1%} of the queries",
            f"  same first        {report.same_first:.1%} of the queries",
            f"  size              {report.model_bytes / 1e6:.1f} MB",
            "passed" if report.passed else "FAILED",
        ]
    )
