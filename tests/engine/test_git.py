"""Real git repositories: switches come as one burst, worktrees and moves embed what is new and nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cognate.engine import Engine
from cognate.indexing.services import Services
from cognate.types import Status
from cognate.workspace.watch import watcher
from engine.test_watching import counting_services, follow, names_in, wait_until
from fixtures import GatedEncoder, write_files

N_FILES = 2000
MESSAGE = "a change"
MOST_BATCHES = 24
"""Generations that 2,000 changed files may take. Reading is cut into batches of half a second, and each batch and each
filling of vectors publishes; a generation for each file would be 2,000."""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, free of this machine's configuration."""
    identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "core.autocrlf=false",
    ]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder: Path, text: str) -> None:
    write_files(folder, text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", MESSAGE)


def many_files(prefix: str) -> str:
    return "".join(
        f"//- pkg_{n % 40}/file_{n}.py\ndef {prefix}_{n}(value):\n    return value + {prefix}_constant\n"
        for n in range(N_FILES)
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


@pytest.fixture
def counted(cache_dir: Path) -> Iterator[tuple[Services, GatedEncoder]]:
    services, encoder = counting_services(cache_dir)
    yield services, encoder
    services.close()


def switch(engine: Engine, branch: str, prefix: str) -> int:
    """Switch, wait until all files are those of the branch, and return how many generations that took."""
    generations: set[int] = set()

    def listen(status: Status) -> None:
        generations.add(status.index.generation)

    def is_there() -> bool:
        complete = engine.status().index.coverage == 1.0 and not engine.status().queue_files
        return complete and all(
            names_in(engine, f"pkg_{n % 40}/file_{n}.py") == [f"{prefix}_{n}"] for n in range(N_FILES)
        )

    engine.subscribe(listen)
    before = engine.status().index.generation
    git(engine.folder, "switch", "--quiet", branch)
    wait_until(engine, is_there, f"the files of {branch}")
    assert engine.wait_until_current(300)
    return max(generations) - before


def test_a_switch_across_two_thousand_files_is_one_burst_and_going_back_embeds_nothing(
    repository: Path, counted: tuple[Services, GatedEncoder]
) -> None:
    services, encoder = counted
    commit(repository, many_files("first"))
    git(repository, "switch", "--quiet", "--create", "other")
    commit(repository, many_files("second"))
    git(repository, "switch", "--quiet", "main")
    engine = follow(repository, services, delay_ms=200)
    encoder.encoded.clear()
    assert switch(engine, "other", "second") <= MOST_BATCHES
    # Words of the vocabulary are encoded singly, subjects of commits for the history.
    assert sum(" " in text and text != MESSAGE for text in encoder.encoded) == N_FILES
    encoder.encoded.clear()
    assert switch(engine, "main", "first") <= MOST_BATCHES
    assert encoder.encoded == []
    engine.close()


def test_a_second_worktree_embeds_nothing(repository: Path, counted: tuple[Services, GatedEncoder]) -> None:
    services, encoder = counted
    commit(repository, "//- pkg/a.py\ndef alpha(): ...\n//- pkg/b.py\ndef beta(): ...\n")
    first = follow(repository, services)
    encoder.encoded.clear()
    git(repository, "worktree", "add", "--quiet", "-b", "second", "../second")
    second = follow(repository.parent / "second", services)
    assert second.status().files == first.status().files == 2
    assert second.status().index.coverage == 1.0
    assert encoder.encoded == []
    first.close()
    second.close()


MODULES = (
    "//- lib/core/io/read.py\ndef read_lines(path):\n    return open(path).readlines()\n"
    "//- lib/core/io/write.py\ndef write_lines(path, lines):\n    open(path, 'w').writelines(lines)\n"
)


@pytest.mark.parametrize(
    ("old", "new", "n_new_headers"),
    [
        ("lib/core/io/read.py", "lib/core/io/fetch.py", 1),
        ("lib/core/io", "lib/core/disk", 2),
        ("lib", "library", 0),
    ],
)
def test_a_move_embeds_what_has_a_new_header_and_nothing_on_the_way_back(
    repository: Path, counted: tuple[Services, GatedEncoder], old: str, new: str, n_new_headers: int
) -> None:
    services, encoder = counted
    commit(repository, MODULES)
    engine = follow(repository, services)

    def names_under(place: str) -> list[str]:
        files = ("lib/core/io/read.py", "lib/core/io/write.py")
        moved = [path.replace(old, place, 1) for path in files if path.startswith(old)]
        return [name for path in moved for name in names_in(engine, path)]

    def move(source: str, target: str) -> None:
        n_names = len(names_under(source))
        git(repository, "mv", source, target)
        wait_until(engine, lambda: len(names_under(target)) == n_names and not names_under(source), f"{target}")
        assert engine.wait_until_current(300)
        assert engine.status().index.chunks == 2

    encoder.encoded.clear()
    move(old, new)
    assert len(encoder.encoded) == n_new_headers
    encoder.encoded.clear()
    move(new, old)
    assert encoder.encoded == []
    engine.close()


def test_a_change_of_the_repositorys_own_excludes_or_index_takes_effect_without_a_restart(
    repository: Path, counted: tuple[Services, GatedEncoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "LOOK_EVERY_S", 0.05)
    services, _ = counted
    commit(repository, "//- kept.py\ndef kept(): ...\n")
    engine = follow(repository, services, "//- private.py\ndef private(): ...\n")
    excludes = repository / ".git" / "info" / "exclude"
    before = excludes.read_text()
    excludes.write_text(f"{before}private.py\n")
    wait_until(engine, lambda: not names_in(engine, "private.py"), "the file to leave the index")
    assert engine.explain("private.py").rule.endswith(f".git/info/exclude, line {len(before.splitlines()) + 1}.")
    git(repository, "add", "--force", "private.py")
    wait_until(engine, lambda: names_in(engine, "private.py") == ["private"], "the tracked file to come back")
    git(repository, "rm", "--quiet", "--cached", "private.py")
    wait_until(engine, lambda: not names_in(engine, "private.py"), "the file to leave the index again")
    excludes.write_text(before)
    wait_until(engine, lambda: names_in(engine, "private.py") == ["private"], "the file to come back")
    assert names_in(engine, "kept.py") == ["kept"]
    engine.close()
