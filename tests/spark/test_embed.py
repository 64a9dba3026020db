"""Repositories embedded by Spark: the vectors that the indexer makes, each once, though a worker dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cognate.embedding.manifest import MANIFEST_FILE, read_manifest
from cognate.embedding.mount import open_mount
from cognate.embedding.shards import DIGEST_BYTES, Layout, Precision
from cognate.embedding.sharing import add_vectors, manifest_for
from cognate.engine import open_engine
from cognate.errors import MountError
from cognate.indexing.services import Services
from cognate.indexing.vector_export import embedded
from cognate.settings import Settings
from cognate.spark import embed as job
from cognate.spark.output import Output
from cognate.spark.repositories import Source, read_list
from cognate.spark.session import SparkError, library
from fixtures import write_files

cloudpickle = library("pyspark.cloudpickle")

WAIT_S = 300.0
SAME = "def open_store(path):\n    return path\n"
CODE = f"//- src/store.py\n{SAME}//- app.py\nfrom src.store import open_store\n\n\ndef main():\n    open_store('x')\n"
IGNORED = "//- .gitignore\nbuild/\nkept.py\n//- kept.py\ndef kept():\n    return 1\n//- build/made.py\nmade = 1\n"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits, of which the first has a file that the second has not."""
    folder = write_files(tmp_path / "one", CODE + IGNORED + "//- gone.py\ndef gone():\n    return 'gone'\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "add", "--force", "kept.py")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "rm", "--quiet", "gone.py")
    git(folder, "commit", "--quiet", "--message", "second")
    return folder


@pytest.fixture
def sources(tmp_path: Path, repository: Path) -> list[Source]:
    """The repository at its first commit, and an archive of another that has one file in common with it."""
    inner = write_files(tmp_path / "two-1.0", f"//- pkg/more.py\n{SAME}//- src/store.py\n{SAME}")
    subprocess.run(["tar", "czf", "two.tar.gz", inner.name], cwd=tmp_path, check=True)
    listed = tmp_path / "list.csv"
    first = git(repository, "rev-parse", "HEAD~")
    listed.write_text(f"name,path,revision\none,one,{first}\ntwo,two.tar.gz,\n")
    return read_list(listed)


def indexed(folder: Path, services: Services) -> dict[bytes, np.ndarray]:
    """Return the vectors that the indexer makes of a folder, by digest."""
    engine = open_engine(folder, Settings(update_delay_ms=0), services)
    engine.start()
    assert engine.wait_until_current(WAIT_S)
    store = Path(engine.status().store)
    engine.close()
    found = embedded(store, services.model("", 1))
    of_chunks = len(found.digests) - found.n_words
    return dict(zip(found.digests[:of_chunks], found.vectors[:of_chunks], strict=True))


def test_vectors_are_those_of_the_indexer_and_a_second_run_embeds_nothing(
    spark: Any, tmp_path: Path, sources: list[Source], services: Services
):
    out = tmp_path / "out"
    done = job.embed(spark, sources, Output.of(str(out)))
    git(tmp_path / "one", "checkout", "--quiet", "HEAD~")
    expected = indexed(tmp_path / "one", services) | indexed(tmp_path / "two-1.0", services)
    assert len(indexed(tmp_path / "one", services)) == 5, "what git ignores is left out, what it tracks is not"
    assert (done.n_added, done.problems) == (len(expected), [])
    mount = open_mount(out, None, services.model("", 1).encoder)
    found = mount.get(list(expected))
    assert found.keys() == expected.keys()
    assert min(float(found[key] @ expected[key]) for key in expected) > 0.9999
    before = sorted(out.iterdir())
    again = job.embed(spark, sources, Output.of(str(out)))
    assert (again.n_added, again.manifest.count, sorted(out.iterdir())) == (0, len(expected), before)


def test_only_what_is_new_is_embedded(spark: Any, tmp_path: Path, sources: list[Source]):
    output = Output.of(str(tmp_path / "out"))
    first = job.embed(spark, sources[1:], output)
    both = job.embed(spark, sources, output)
    assert both.n_added + first.n_added == both.manifest.count == read_manifest(tmp_path / "out").count
    assert set(first.manifest.shards) < set(both.manifest.shards)
    with pytest.raises(MountError, match="Write into another folder"):
        job.embed(spark, sources, output, precision=Precision.INT8)


def test_what_cannot_be_had_is_named_and_the_rest_is_embedded(spark: Any, tmp_path: Path, sources: list[Source]):
    (tmp_path / "broken.zip").write_bytes(b"PK nothing")
    bad = [
        Source("nowhere", str(tmp_path / "nowhere")),
        Source("no-such", str(tmp_path / "one"), "no-such-branch"),
        Source("broken", str(tmp_path / "broken.zip")),
    ]
    done = job.embed(spark, [*bad, *sources], Output.of(str(tmp_path / "out")))
    assert done.n_added > 0
    assert [problem.split(":")[0] for problem in done.problems] == ["broken", "no-such", "nowhere"]


def dying(batches: Iterable[Any], *, once: str, **more: Any) -> Iterator[Any]:
    """Write a shard as the job does, in a process that is killed the first time, after it has written."""
    rows = list(job.shards_of(batches, **more))
    try:
        Path(once).touch(exist_ok=False)
    except FileExistsError:
        yield from rows
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_is_killed_changes_nothing(
    spark: Any, tmp_path: Path, sources: list[Source], monkeypatch: pytest.MonkeyPatch
):
    expected = job.embed(spark, sources, Output.of(str(tmp_path / "whole"))).manifest
    once = tmp_path / "once"
    monkeypatch.setattr(job, "shards_of", partial(dying, once=str(once)))
    module = sys.modules[__name__]
    cloudpickle.register_pickle_by_value(module)  # Workers do not find the tests.
    try:
        done = job.embed(spark, sources, Output.of(str(tmp_path / "killed")))
    finally:
        cloudpickle.unregister_pickle_by_value(module)
    assert once.exists()
    assert done.manifest == expected
    assert read_manifest(tmp_path / "killed") == expected


def test_shards_do_not_depend_on_what_spark_gives_to_one_task(tmp_path: Path, services: Services):
    pandas, encoder = library("pandas"), services.model("", 1).encoder
    layout = Layout(encoder.dimensions, Precision.FLOAT16)
    rows = [(bytes([first]) * DIGEST_BYTES, f"def number_{first}(): return {'one more ' * (first % 7)}".encode())
            for first in range(0, 256, 3)]  # fmt: skip

    def written(name: str, tasks: Sequence[Sequence[tuple[bytes, bytes]]]) -> dict[str, bytes]:
        output = Output.of(str(tmp_path / name))
        for task in tasks:
            batches = [
                pandas.DataFrame(task[at : at + 10], columns=["digest", "text"]) for at in range(0, len(task), 10)
            ]
            made = job.shards_of(
                batches, n_parts=4, output=output, layout=layout, model="", fingerprint=encoder.fingerprint
            )
            assert sum(frame["vectors"].sum() for frame in made) == len(task)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    parts = [[row for row in rows if row[0][0] // 64 == part] for part in range(4)]
    apart = written("apart", parts)
    assert len(apart) == 4
    assert written("together", [rows]) == apart
    assert written("uneven", [parts[0], [], [*parts[1], *parts[2], *parts[3]]]) == apart


def test_a_shard_that_lost_rows_is_named_and_the_output_stays_as_it_was(
    spark: Any, tmp_path: Path, repository: Path, services: Services
):
    out, encoder = tmp_path / "out", services.model("", 1).encoder
    vectors = encoder.encode(["one", "two"])
    add_vectors(out, manifest_for(out, encoder, Precision.FLOAT16), [b"a" * 16, b"b" * 16], vectors)
    before = (out / MANIFEST_FILE).read_bytes()
    shard = next(out.glob("*.shard"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(SparkError, match="is damaged: it does not have"):
        job.embed(spark, [Source("one", str(repository))], Output.of(str(out)))
    assert (out / MANIFEST_FILE).read_bytes() == before
