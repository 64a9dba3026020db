"""Compiles ``step.cpp`` and says how its functions are called."""

import ctypes
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tools.table.train import Options

SOURCE = Path(__file__).with_name("step.cpp")


def address(array: NDArray[np.generic]) -> int:
    """Return where an array lies in memory.

    Raises:
        ValueError: when it does not lie there whole.
    """
    if not array.flags.c_contiguous:
        raise ValueError("The array has gaps.")
    return array.ctypes.data


class Texts(ctypes.Structure):
    """Words of all pairs of one side, and the file of each pair."""

    _fields_ = (
        ("words", ctypes.c_void_p),
        ("offsets", ctypes.c_void_p),
        ("files", ctypes.c_void_p),
        ("pairs", ctypes.c_int64),
    )

    @classmethod
    def of(cls, words: NDArray[np.int32], offsets: NDArray[np.int64], files: NDArray[np.int64]) -> "Texts":
        """Point at arrays, which must be kept."""
        return cls(address(words), address(offsets), address(files), len(files))


class Visit(ctypes.Structure):
    """How a pair is seen."""

    _fields_ = (
        *((name, ctypes.c_float) for name in ("kept", "both", "dropped_query", "dropped_code", "longer")),
        ("least", ctypes.c_int32),
        ("most", ctypes.c_int32),
    )

    @classmethod
    def of(cls, options: "Options") -> "Visit":
        """Read the options."""
        shares = options.kept, options.both, options.dropped_query, options.dropped_code, options.longer
        return cls(*shares, *options.words_of_query)


@lru_cache(maxsize=1)
def compiled() -> ctypes.CDLL:
    """Return the functions of ``step.cpp``; it is compiled for this processor."""
    with tempfile.TemporaryDirectory() as scratch:
        program = Path(scratch) / "step.so"
        command = ["g++", "-O3", "-march=native", "-ffast-math", "-std=c++17", "-shared", "-fPIC"]
        subprocess.run([*command, "-o", str(program), str(SOURCE)], check=True)
        found = ctypes.CDLL(str(program))
    pointer, size = ctypes.c_void_p, ctypes.c_int64
    found.choose.argtypes = [pointer, pointer, pointer, size, pointer, pointer, ctypes.c_uint64, *[pointer] * 6]
    found.add_up.argtypes = [pointer, pointer, size, *[pointer] * 4, size, *[pointer] * 4]
    found.change.argtypes = [pointer, pointer, pointer, size, pointer, size, *[pointer] * 7, ctypes.c_float]
    found.choose.restype = found.add_up.restype = size
    found.change.restype = None
    return found
