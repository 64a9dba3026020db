"""Real repositories for tests of rules: git as the oracle."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from cognate.workspace.files import verdict_on, walk
from cognate.workspace.folder_rules import Verdict
from cognate.workspace.ignore import Rules
from fixtures import write_files


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout


def ignored_by_git(folder: Path, paths: Iterable[bytes]) -> Mapping[bytes, tuple[bool, str, int]]:
    """Whether git ignores paths, and the pattern and line that decide; both empty where none does."""
    given = b"".join(path + b"\0" for path in paths)
    out = git(folder, "check-ignore", "--no-index", "--stdin", "-z", "-v", "-n", given=given).split(b"\0")
    rows = [out[i : i + 4] for i in range(0, len(out) - 1, 4)]
    return {
        path: (
            bool(pattern) and not pattern.startswith(b"!"),
            pattern.decode("utf-8", "backslashreplace"),
            int(line or 0),
        )
        for _, line, pattern, path in rows
    }


def indexed(folder: Path, text: str = "", exclude: tuple[str, ...] = ()) -> list[str]:
    """Write files and return those that the walk finds, less the files that rules stand in."""
    write_files(folder, text)
    rules = Rules(folder, exclude, 1_000_000)
    found = [path for path, _ in walk(folder, rules)]
    for path in found:
        assert verdict_on(folder, rules, path).included
    everything = [path for path in folder.rglob("*") if path.is_file()]
    for path in everything:
        relative = path.relative_to(folder).as_posix()
        assert verdict_on(folder, rules, relative).included == (relative in found), relative
    return [path for path in found if not path.rpartition("/")[2].startswith(".git") and ".cognateignore" not in path]


def explained(folder: Path, path: str, exclude: tuple[str, ...] = ()) -> Verdict:
    return verdict_on(folder, Rules(folder, exclude, 1_000_000), path)
