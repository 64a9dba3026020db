"""Vectors that another machine computed: passed on, checked, used in place of the model, and done without."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.cli.main import main
from cognate.embedding.manifest import read_manifest
from cognate.embedding.mount import ENOUGH_ASKED, open_mount
from cognate.embedding.shards import Precision
from cognate.embedding.sharing import add_vectors, manifest_for
from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from fixtures import write_files

WAIT_S = 300.0
NAMES = ("open_store", "close_door", "parse_header", "retry_request", "render_page", "hash_password")
BODY = "".join(f"    step_{i} = table.{name}({i})\n" for i, name in enumerate(NAMES)) * 3
FILES = "".join(f"//- {name}_{i}.py\ndef {name}_{i}(table):\n{BODY}" for name in NAMES for i in range(10))
N_CHUNKS = 60
N_WORDS = 12
N_VECTORS = N_CHUNKS + N_WORDS

Run = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "code", FILES)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command and returns its exit code and the last line of JSON."""

    def run_(*words: object) -> tuple[int, dict[str, object]]:
        code = main([*map(str, words), "--json"])
        lines = capsys.readouterr().out.splitlines()
        return code, json.loads(lines[-1]) if lines else {}

    return run_


@pytest.fixture
def mount(tmp_path: Path, folder: Path, run: Run) -> Path:
    """The vectors of the folder, exported by a machine with another cache."""
    code, said = run("vectors", "export", folder, "--out", tmp_path / "mount")
    assert (code, said["added"], said["missing"]) == (0, N_VECTORS, 0)
    return tmp_path / "mount"


@contextmanager
def opened(folder: Path, cache: Path, **settings: object) -> Iterator[Engine]:
    """Open a folder as a machine with an empty cache does."""
    services = Services(cache)
    services.resident_mb = lambda: 0.0
    engine = open_engine(folder, Settings(update_delay_ms=0, **settings), services)  # pyright: ignore[reportArgumentType]
    try:
        engine.start()
        assert engine.wait_until_current(WAIT_S)
        yield engine
    finally:
        engine.close()
        services.close()


def answers(engine: Engine) -> list[tuple[str, float]]:
    found = engine.search(SearchRequest("where is a password hashed", limit=20), CancelToken())
    return [(hit.path, hit.score) for hit in found.hits]


def test_a_folder_is_embedded_without_the_model_and_answers_are_the_same(tmp_path: Path, folder: Path, mount: Path):
    with opened(folder, tmp_path / "alone") as engine:
        expected = answers(engine)
        assert "sources" not in engine.status().details
    with opened(folder, tmp_path / "other", vectors=(str(mount),)) as engine:
        status = engine.status()
        assert (status.index.coverage, status.message) == (1.0, "")
        assert status.details["sources"] == f"{N_CHUNKS} from {mount}"
        assert answers(engine) == expected
    (cache,) = (tmp_path / "other" / "embeddings").glob("*.sqlite")
    with closing(sqlite3.connect(cache)) as opened_cache:
        assert opened_cache.execute("SELECT count(*) FROM vectors").fetchone() == (0,), "the model made some"


def test_an_edit_embeds_only_what_is_new(tmp_path: Path, folder: Path, mount: Path):
    with opened(folder, tmp_path / "other", vectors=(str(mount),)) as engine:
        (folder / "open_store_1.py").write_text("def open_store_1():\n    return 'something else'\n")
        engine.note_changed(["open_store_1.py"])
        assert engine.wait_until_current(WAIT_S)
        assert engine.status().details["sources"] == f"{N_CHUNKS} from {mount}, 1 from the model"


def test_a_mount_can_come_and_go_while_the_folder_is_open(tmp_path: Path, folder: Path, mount: Path):
    with opened(folder, tmp_path / "other", vectors=(str(tmp_path / "nowhere"),)) as engine:
        assert "There are no usable vectors in" in engine.status().message
        assert engine.status().index.coverage == 1.0
        engine.apply_settings(Settings(update_delay_ms=0, vectors=(str(mount),)))
        (folder / "more.py").write_text((folder / "open_store_1.py").read_text())
        engine.note_changed(["more.py"])
        assert engine.wait_until_current(WAIT_S)
        assert engine.status().message == ""
        assert engine.status().details["sources"].startswith(f"0 from {mount}")
        engine.apply_settings(Settings(update_delay_ms=0))
        engine.wait_until_current(WAIT_S)
        assert "sources" not in engine.status().details


def test_a_mount_that_fits_nothing_says_so_and_search_goes_on(tmp_path: Path, folder: Path, services: Services):
    other, encoder = tmp_path / "other-code", services.model("", 1).encoder
    vectors = encoder.encode(["a", "b"])
    add_vectors(other, manifest_for(other, encoder, Precision.FLOAT16), [b"a" * 16, b"b" * 16], vectors)
    assert N_CHUNKS >= ENOUGH_ASKED
    with opened(folder, tmp_path / "other", vectors=(str(other),)) as engine:
        assert f"The vectors in {other} fit no code in this folder" in engine.status().message
        assert engine.status().index.coverage == 1.0
        assert answers(engine)


def test_a_damaged_shard_costs_nothing_but_its_vectors(tmp_path: Path, folder: Path, mount: Path):
    shard = next(mount.glob("*.shard"))
    shard.write_bytes(shard.read_bytes()[:-7])
    with opened(folder, tmp_path / "other", vectors=(str(mount),)) as engine:
        assert "1 of the 1 shards in" in engine.status().message
        assert engine.status().details["sources"] == f"0 from {mount}, {N_CHUNKS} from the model"
        assert answers(engine)


def test_an_export_adds_to_what_is_there(tmp_path: Path, folder: Path, mount: Path, run: Run):
    (folder / "more.py").write_text("def more():\n    return 'new'\n")
    assert run("vectors", "export", folder, "--out", mount) == (
        0, {"added": 1, "vectors": N_VECTORS + 1, "shards": 2, "missing": 0, "out": str(mount)},
    )  # fmt: skip
    assert run("vectors", "export", folder, "--out", mount)[1]["added"] == 0
    code, _ = run("vectors", "export", folder, "--out", mount, "--precision", "int8")
    assert code == 2


def test_a_check_says_how_many_of_a_folders_chunks_there_are(tmp_path: Path, folder: Path, mount: Path, run: Run):
    (folder / "more.py").write_text("def more():\n    return 'new'\n")
    code, said = run("vectors", "check", mount, folder)
    assert (code, said["ok"], said["chunks"], said["held"], said["compared"]) == (0, True, N_CHUNKS + 1, N_CHUNKS, 50)
    assert said["cosine"] == pytest.approx(1.0, abs=1e-4)
    assert run("vectors", "check", mount)[0] == 0
    elsewhere = write_files(tmp_path / "elsewhere", "//- a.py\ndef a():\n    return 1\n")
    assert run("vectors", "check", mount, elsewhere)[0] == 1


def test_a_check_finds_vectors_of_other_texts(tmp_path: Path, folder: Path, mount: Path, services: Services, run: Run):
    encoder, lying = services.model("", 1).encoder, tmp_path / "lying"
    honest = open_mount(mount, None, encoder)
    digests = [shard.first for shard in honest.manifest.shards] + [shard.last for shard in honest.manifest.shards]
    vectors = np.roll(np.stack(list(honest.get(digests).values())), 1, axis=0)
    add_vectors(lying, manifest_for(lying, encoder, Precision.FLOAT16), digests, vectors)
    code, said = run("vectors", "check", lying, folder)
    assert (code, said["ok"], said["held"]) == (2, False, 2)


def test_a_check_finds_damage(mount: Path, run: Run, capsys: pytest.CaptureFixture[str]):
    shard = next(mount.glob("*.shard"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"\0")
    code, said = run("vectors", "check", mount)
    assert (code, list(said["damaged"])) == (2, [shard.name])  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert main(["vectors", "check", str(mount)]) == 2
    assert f"{shard.name} is damaged: row {N_VECTORS - 1} is damaged" in capsys.readouterr().out
    assert read_manifest(mount).count == N_VECTORS
