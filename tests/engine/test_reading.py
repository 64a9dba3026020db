"""How much is read between two commits."""

from itertools import count
from pathlib import Path

import pytest

from cognate.index.opening import open_index
from cognate.indexing import steps
from cognate.workspace.ignore import Rules
from fixtures import write_files

N_FILES = 40


def test_a_batch_may_take_longer_the_more_can_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = [f"file_{i}.py" for i in range(N_FILES)]
    write_files(tmp_path, "".join(f"//- {name}\ndef function_{name[5:-3]}():\n    return 1\n" for name in names))
    clock = count(step=0.1)
    monkeypatch.setattr("cognate.indexing.steps.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(steps, "READ_BATCH_S_A_CHUNK", 0.1)
    index, rules, sizes = open_index(None), Rules(tmp_path, (), 1000), list[int]()
    while names:
        taken, changes = steps.read_batch(index, tmp_path, names, rules, give_way=lambda: None, stop=lambda: False)
        index.apply(changes)
        names = names[len(taken) :]
        sizes.append(len(taken))
    index.close()
    assert sizes[0] < sizes[1] < sizes[2]
    assert max(sizes) <= steps.READ_BATCH_MOST_S * 10 + 1
    assert sum(sizes) == N_FILES
