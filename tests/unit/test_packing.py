import numpy as np
import pytest

from cognate import packing

KINDS = ("<i8", "<f4", "u1")
TEXTS = ["", "src/a.py", "größe", "\udcff.py"]


def packed() -> bytes:
    return packing.packed([np.arange(3), np.array([0.5, -1.0]), packing.from_texts(TEXTS)], KINDS)


def test_what_is_packed_comes_back():
    numbers, shares, texts = packing.unpacked(packed(), KINDS)
    assert (numbers.tolist(), shares.tolist()) == ([0, 1, 2], [0.5, -1.0])
    assert packing.to_texts(texts) == TEXTS


def test_a_change_of_any_byte_is_noticed():
    good = packed()
    assert packing.is_whole(good)
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        assert not packing.is_whole(bytes(bad))
        with pytest.raises(ValueError, match="checksum"):
            packing.unpacked(bytes(bad), KINDS)


def test_what_was_never_packed_is_refused():
    for data in (b"", b"abc", b"\0" * 40):
        with pytest.raises(ValueError, match=r"checksum|unpacked"):
            packing.unpacked(data, KINDS)
