#!/usr/bin/env python3
"""Makes what could be shipped out of a run: ONNX, 8 bits, checked, with what it was trained on in model.json.

Usage: finish.py RUN_DIR CHOSEN_DIR OUT_DIR [--after RUN_DIR ...] [--shares 0.3 0.5 0.7 1.0] [--name NAME]
       finish.py RUN_DIR CHOSEN_DIR OUT_DIR --kind cross-encoder | student --name NAME

Of a run of `tune.py`, OUT_DIR/NAME-SHARE is a folder that the setting `model` takes, for each share of its weights in
an average with the base model's. Averages lie between forgetting nothing and learning all (Wortsman et al., "Robust
fine-tuning of zero-shot models", 2022). Of a run of `student.py` or `cross.py`, OUT_DIR/NAME is a folder that the
setting `model` or `reranker` takes, with its weights as they are.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from encoders import averaged
from loop import rows_of
from sources import packages

from tools.models.check import check
from tools.models.export import export, export_cross_encoder, write_card
from tools.models.quantize import quantize
from tools.models.ship import source_folder

SHARES = (0.3, 0.5, 0.7, 1.0)

MIN_PARITY = 0.99
"""Correlation with the float model that the 8 bits of a cross-encoder must reach."""


def trained_on(chosen: Path, runs: Sequence[Path]) -> dict[str, Any]:
    """Return what model.json says of the training: packages with version and licence, pairs there were, pairs read."""
    rows = rows_of(chosen)
    used = {row["package"] for row in rows}
    logs = [(run / "log.jsonl").read_text(encoding="utf-8").splitlines() for run in runs]
    return {
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "packages": [f"{p['package']} {p['version']} ({p['license']})" for p in packages() if p["name"] in used],
        "pairs": dict(Counter(row["kind"] for row in rows)),
        "pairs_read": sum(json.loads(log[-1])["pairs"] for log in logs),
    }


def finish_tuned(model: Path, share: float, out: Path, training: Mapping[str, Any]) -> bool:
    """Write the average of a model and the base as ``out``, and return whether its 8 bits passed their check."""
    with tempfile.TemporaryDirectory() as place:
        mixed = averaged(Path(source_folder()), model, share, Path(place) / "mixed")
        return finish_encoder(mixed, out, {**training, "share_of_tuned_weights": share})


def finish_encoder(model: Path, out: Path, training: Mapping[str, Any]) -> bool:
    """Write a model as ``out``, and return whether its 8 bits passed their check."""
    with tempfile.TemporaryDirectory() as place:
        quantize(export(str(model), Path(place) / out.name), out)
    report = check(out, str(model))
    _say(out, training)
    print(f"{out}: cosine {report.cosine_mean:.4f}, top 10 kept {report.overlap:.3f}", flush=True)
    return report.passed


def finish_student(model: Path, out: Path, training: Mapping[str, Any]) -> bool:
    """Write a student as ``out``, say how near it is to the base model, and return whether its 8 bits passed."""
    passed = finish_encoder(model, out, training)
    report = check(out, source_folder())
    print(f"Beside the base: cosine {report.cosine_mean:.4f}, top 10 kept {report.overlap:.3f}", flush=True)
    return passed


def finish_cross_encoder(model: Path, out: Path, training: Mapping[str, Any]) -> bool:
    """Write a cross-encoder as ``out``, and return whether its 8 bits order pairs as the model does."""
    with tempfile.TemporaryDirectory() as place:
        quantize(export_cross_encoder(str(model), Path(place) / out.name), out)
    parity = float(_say(out, training)["quantization"]["calibration_parity"])
    print(f"{out}: correlation with float {parity:.4f}", flush=True)
    return parity >= MIN_PARITY


def _say(out: Path, training: Mapping[str, Any]) -> dict[str, Any]:
    """Add to model.json what the model was trained on, and return all that it says."""
    card = {**json.loads((out / "model.json").read_text(encoding="utf-8")), "trained_on": dict(training)}
    write_card(out, card)
    return card


def main() -> int:
    """Write the folders; 0 when all passed their check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("chosen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--after", type=Path, nargs="*", default=[], help="earlier runs that this one started from")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--name", default="all-MiniLM-L6-v2-code")
    parser.add_argument("--kind", choices=["tuned", "student", "cross-encoder"], default="tuned")
    options = parser.parse_args()
    training = trained_on(options.chosen, [*options.after, options.run])
    model, out = options.run / "model", options.out / options.name
    if options.kind == "tuned":
        done = [finish_tuned(model, share, options.out / f"{out.name}-{share:g}", training) for share in options.shares]
    else:
        finish = finish_student if options.kind == "student" else finish_cross_encoder
        done = [finish(model, out, training)]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
