"""The command line of the tool chain: ``python -m tools.models export | quantize | check | ship``, in a checkout.

Runs on the main thread. Exit codes: 0 when it did what was asked, 1 when a check failed, 2 when a model could not be
made or read.
"""

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL
from cognate.errors import ModelError
from tools.models.check import CheckReport
from tools.models.check import check as check_model
from tools.models.export import export as export_model
from tools.models.export import export_cross_encoder
from tools.models.quantize import quantize as quantize_model
from tools.models.ship import ship as ship_model
from tools.models.ship import source_folder

DONE, FAILED, ERROR = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(filename=options.log_file, level=logging.INFO if options.verbose else logging.WARNING)
    try:
        return options.run(options)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return ERROR


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    description = "Export, quantize and check models for Cognate."
    parser = argparse.ArgumentParser(prog="python -m tools.models", description=description)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="machine-readable output")
    common.add_argument("--log-file", type=Path, help="write the log there instead of to stderr")
    common.add_argument("-v", "--verbose", action="store_true", help="log what happens, not only what goes wrong")
    parts = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    export = parts.add_parser("export", parents=[common], help="sentence-transformers model → ONNX")
    export.add_argument("source", help="a folder, or a hub name")
    export.add_argument("out", type=Path, help="folder to write")
    export.add_argument("--cross-encoder", action="store_true", help="the model scores pairs (setting `reranker`)")
    export.set_defaults(run=_export)
    quantize = parts.add_parser("quantize", parents=[common], help="ONNX → int8 ONNX")
    quantize.add_argument("folder", type=Path, help="what export wrote")
    quantize.add_argument("out", type=Path, help="folder to write")
    quantize.set_defaults(run=_quantize)
    check = parts.add_parser("check", parents=[common], help="compare an ONNX model with its source")
    check.add_argument("folder", type=Path, help="what quantize or export wrote")
    check.add_argument("source", help="the sentence-transformers model it came from")
    check.add_argument("--write-reference", type=Path, metavar="FILE", help="keep the source's vectors (.npz)")
    check.set_defaults(run=_check)
    ship = parts.add_parser("ship", parents=[common], help="make the model in the package again: all of the above")
    ship.add_argument("source", nargs="?", default="", help="its source's folder (default: installed, else the hub)")
    ship.set_defaults(run=_ship)
    return parser


def _export(options: argparse.Namespace) -> int:
    write = export_cross_encoder if options.cross_encoder else export_model
    return _tell_what_was_written(write(options.source, options.out), as_json=options.json)


def _quantize(options: argparse.Namespace) -> int:
    return _tell_what_was_written(quantize_model(options.folder, options.out), as_json=options.json)


def _check(options: argparse.Namespace) -> int:
    return _tell_verdict(check_model(options.folder, options.source, write_reference=options.write_reference), options)


def _ship(options: argparse.Namespace) -> int:
    report = ship_model(options.source or source_folder(), SHIPPED_FOLDER / SHIPPED_MODEL)
    return _tell_verdict(report, options)


def _tell_what_was_written(folder: Path, *, as_json: bool) -> int:
    card: Mapping[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    size = (folder / "model.onnx").stat().st_size
    if as_json:
        sys.stdout.write(f"{json.dumps({**card, 'folder': str(folder), 'model_bytes': size})}\n")
    else:
        what = f"{card['dimensions']} dimensions" if "dimensions" in card else card["kind"]
        sys.stdout.write(f"Wrote {folder}: {what}, {size / 1e6:.1f} MB\n")
    return DONE


def _tell_verdict(report: CheckReport, options: argparse.Namespace) -> int:
    sys.stdout.write(f"{json.dumps(report.as_json()) if options.json else _text(report)}\n")
    return DONE if report.passed else FAILED


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


if __name__ == "__main__":
    sys.exit(main())
