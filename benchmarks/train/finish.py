#!/usr/bin/env python3
"""Makes what could be shipped out of a run: weights averaged with the base model's, ONNX, 8 bits, checked.

Usage: finish.py RUN_DIR CHOSEN_DIR OUT_DIR [--after RUN_DIR ...] [--shares 0.3 0.5 0.7 1.0] [--name NAME]

OUT_DIR/NAME-SHARE is a folder that the setting `model` takes; its model.json says what it was trained on. Averages
lie between forgetting nothing and learning all (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
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
from sources import packages

from cognate.model_tools.check import check
from cognate.model_tools.export import export, write_card
from cognate.model_tools.quantize import quantize
from cognate.model_tools.ship import source_folder

SHARES = (0.3, 0.5, 0.7, 1.0)


def trained_on(chosen: Path, runs: Sequence[Path]) -> dict[str, Any]:
    """Return what model.json says of the training: packages with version and licence, pairs there were, pairs read."""
    rows = [json.loads(line) for line in (chosen / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    used = {row["package"] for row in rows}
    logs = [(run / "log.jsonl").read_text(encoding="utf-8").splitlines() for run in runs]
    return {
        "base": "sentence-transformers/all-MiniLM-L6-v2",
        "packages": [f"{p['package']} {p['version']} ({p['license']})" for p in packages() if p["name"] in used],
        "pairs": dict(Counter(row["kind"] for row in rows)),
        "pairs_read": sum(json.loads(log[-1])["pairs"] for log in logs),
    }


def finish(model: Path, share: float, out: Path, training: Mapping[str, Any]) -> bool:
    """Write the average of a model and the base as ``out``, and return whether its 8 bits passed their check."""
    with tempfile.TemporaryDirectory() as place:
        mixed = averaged(Path(source_folder()), model, share, Path(place) / "mixed")
        quantize(export(str(mixed), Path(place) / out.name), out)
        report = check(out, str(mixed))
    card = json.loads((out / "model.json").read_text(encoding="utf-8"))
    write_card(out, {**card, "trained_on": {**training, "share_of_tuned_weights": share}})
    print(f"{out}: cosine {report.cosine_mean:.4f}, top 10 kept {report.overlap:.3f}", flush=True)
    return report.passed


def main() -> int:
    """Write a folder a share; 0 when all passed their check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("chosen", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--after", type=Path, nargs="*", default=[], help="earlier runs that this one started from")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--name", default="all-MiniLM-L6-v2-code")
    options = parser.parse_args()
    training = trained_on(options.chosen, [*options.after, options.run])
    done = [
        finish(options.run / "model", share, options.out / f"{options.name}-{share:g}", training)
        for share in options.shares
    ]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
