"""Owns the texts that models are calibrated and checked on: ``samples``. Any thread; reads samples.json beside it."""

import json
from dataclasses import dataclass
from pathlib import Path

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


def samples() -> Samples:
    """Return the texts that ship with the tool chain."""
    raw = json.loads(SAMPLES.read_text(encoding="utf-8"))
    return Samples(tuple(raw["calibration"]), tuple(raw["chunks"]), tuple(raw["queries"]))
