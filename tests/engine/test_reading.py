"""How much is read between two commits."""

from itertools import count
from pathlib import Path

import pytest

from cognate.index.opening import open_index
from cognate.indexing.jobs import read as read_job
from cognate.indexing.services import Services
from cognate.indexing.state import FolderState
from cognate.indexing.storage import Storage
from cognate.settings import Settings
from cognate.workspace.buffers import Buffers
from fixtures import write_files

N_FILES = 40


def test_a_batch_may_take_longer_the_more_can_be_found(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
):
    names = [f"file_{i}.py" for i in range(N_FILES)]
    write_files(tmp_path, "".join(f"//- {name}\ndef function_{name[5:-3]}():\n    return 1\n" for name in names))
    clock = count(step=0.1)
    monkeypatch.setattr("cognate.indexing.jobs.read.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(read_job, "BATCH_S_A_CHUNK", 0.1)
    index, sizes = open_index(None), list[int]()
    state = FolderState(tmp_path, Settings(), services, Storage(services, tmp_path), Buffers(), index, lambda: None)
    while names:
        taken, changes = read_job.read_batch(state, names, give_way=lambda: None, stop=lambda: False)
        index.apply(changes)
        names = names[len(taken) :]
        sizes.append(len(taken))
    index.close()
    assert sizes[0] < sizes[1] < sizes[2]
    assert max(sizes) <= read_job.BATCH_AT_MOST_S * 10 + 1
    assert sum(sizes) == N_FILES
