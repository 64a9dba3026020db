"""Small workspaces as strings, and encoders for concurrency tests."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cognate.arrays import Matrix, Vector
from cognate.cancellation import CancelToken

MARKER = "//- "


def parse_files(text: str) -> Mapping[str, str]:
    """Split ``//- path`` headed text into files."""
    files: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines(keepends=True):
        if line.startswith(MARKER):
            current = files.setdefault(line[len(MARKER) :].strip(), [])
        elif current is not None:
            current.append(line)
    return {path: "".join(lines) for path, lines in files.items()}


def write_files(folder: Path, text: str) -> Path:
    """Write the files of a fixture under a folder."""
    for path, content in parse_files(text).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return folder


class GatedEncoder:
    """An encoder whose document batches wait at a gate, so that tests decide when embedding goes on."""

    dimensions = 8
    name = "gated"
    fingerprint = "gated"

    def __init__(self, *, opened: bool = False) -> None:
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.encoded: list[str] = []
        if opened:
            self.gate.set()

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        self.entered.set()
        assert self.gate.wait(30), "nobody opened the gate"
        if cancel is not None:
            cancel.check()
        self.encoded.extend(texts)
        return np.stack([self.encode_query(text) for text in texts])

    def give_memory_back(self) -> None:
        return

    def knows(self, word: str) -> bool:
        return False

    def encode_query(self, text: str) -> Vector:
        vector = np.ones(self.dimensions, np.float32)
        for character in text:
            vector[ord(character) % self.dimensions] += 1
        return vector / np.linalg.norm(vector)
