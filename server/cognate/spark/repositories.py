"""Owns where the code of a job comes from: a list of repositories, and each of them as a folder for a while.

The list is read by the driver; ``checked_out`` runs on the workers. git runs nothing that a repository configures, and
an archive cannot write outside its folder.
"""

import csv
import os
import shutil
import subprocess
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cognate.errors import InvalidRequestError, WorkspaceError

COLUMNS = ("name", "path", "revision")
TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
ZIPS = (".zip", ".jar", ".whl")

_OPTIONS = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.ext.allow=never"),
    *("-c", "filter.lfs.smudge="),
    *("-c", "filter.lfs.process="),
    *("-c", "filter.lfs.required=false"),
    *("-c", "http.lowSpeedLimit=1000"),
    *("-c", "http.lowSpeedTime=60"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A repository as the list names it.

    Attributes:
        name: for people.
        path: of a git repository or an archive, or the URL of one.
        revision: of a repository; empty for what HEAD names there.
    """

    name: str
    path: str
    revision: str = ""


def read_list(file: Path) -> list[Source]:
    """Return the repositories that a CSV file lists; its columns are COLUMNS, with or without a line that says so.

    Raises:
        InvalidRequestError: when it cannot be read or a line is not as it should be; says which.
    """
    found: dict[str, Source] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.reader(opened, strict=True)
            for row in rows:
                cells = [cell.strip() for cell in row]
                if not any(cells) or (rows.line_num == 1 and cells[0].lower() == COLUMNS[0]):
                    continue
                source = _source(cells, file.absolute().parent, f"{file}, line {rows.line_num}")
                if source.name in found:
                    raise InvalidRequestError(f"{file}, line {rows.line_num}: {source.name!r} was named before.")
                found[source.name] = source
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"{file} is not a CSV file in UTF-8: {error}.") from error
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be read: {error.strerror}.") from error
    if not found:
        raise InvalidRequestError(f"{file} lists no repository; its columns are {','.join(COLUMNS)}.")
    return list(found.values())


def _source(cells: list[str], folder: Path, where: str) -> Source:
    if not 2 <= len(cells) <= len(COLUMNS):  # noqa: PLR2004 - the revision may be left out
        raise InvalidRequestError(f"{where}: there are {len(cells)} values; there must be {','.join(COLUMNS)}.")
    name, path, revision = [*cells, ""][: len(COLUMNS)]
    if not name or not path:
        raise InvalidRequestError(f"{where}: the name and the path must not be empty.")
    if path.startswith("-") or revision.startswith("-"):
        raise InvalidRequestError(f"{where}: neither path nor revision may begin with '-'.")
    is_url = "://" in path or (":" in path.split("/", 1)[0] and not Path(path).exists())
    return Source(name, path if is_url else os.path.normpath(folder / Path(path).expanduser()), revision)


@contextmanager
def checked_out(source: Source) -> Generator[Path]:
    """Yield a folder with a repository's files at its revision; it is removed afterwards.

    Raises:
        WorkspaceError: when they cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="cognate-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch) / "code"
        folder.mkdir()
        if source.path.endswith((*TARS, *ZIPS)):
            _unpack(source, folder)
            yield _inner(folder)
        else:
            _fetch(source, folder)
            yield folder


def _fetch(source: Source, folder: Path) -> None:
    """Fetch one revision, or all of them where a server gives none by its id."""
    git = shutil.which("git")
    if git is None:
        raise WorkspaceError(f"{source.name}: there is no program git on this worker.")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [git, "-C", str(folder), *_OPTIONS, *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        kept |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        return subprocess.run(command, env=kept, capture_output=True, text=True, errors="replace", check=False)

    run("init", "--quiet", "--template=", ".")
    wanted = source.revision or "HEAD"
    attempts = (
        (("fetch", "--quiet", "--no-tags", "--depth=1", "--", source.path, wanted), "FETCH_HEAD"),
        (("fetch", "--quiet", "--", source.path, "+refs/*:refs/theirs/*"), wanted),
    )
    said = ""
    for fetch, revision in attempts:
        done = run(*fetch)
        if done.returncode == 0:
            done = run("checkout", "--quiet", "--detach", revision, "--")
        if done.returncode == 0:
            return
        said = said or done.stderr.strip()
    reasons = [line for line in said.splitlines() if line.startswith("fatal: ")] or said.splitlines()
    reason = reasons[0].removeprefix("fatal: ") if reasons else "git says nothing"
    raise WorkspaceError(f"{source.name}: {wanted} of {source.path} cannot be fetched ({reason}).")


def _unpack(source: Source, folder: Path) -> None:
    try:
        with _local(source.path) as file:
            if source.path.endswith(ZIPS):
                with zipfile.ZipFile(file) as packed:
                    packed.extractall(folder)
            else:
                with tarfile.open(file) as packed:
                    packed.extractall(folder, members=_files_in(packed), filter="data")
    except (OSError, ValueError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise WorkspaceError(f"{source.name}: {source.path} cannot be unpacked ({error}).") from error


def _files_in(packed: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield what is worth unpacking: links are not followed, so they need not be there."""
    return (member for member in packed if member.isfile() or member.isdir())


@contextmanager
def _local(path: str) -> Generator[Path]:
    """Yield an archive as a file of this machine."""
    if "://" not in path:
        yield Path(path)
        return
    with tempfile.NamedTemporaryFile(prefix="cognate-") as copy:
        with urllib.request.urlopen(path) as answer:
            shutil.copyfileobj(answer, copy)
        copy.flush()
        yield Path(copy.name)


def _inner(folder: Path) -> Path:
    """Return the one folder that an archive holds, as archives of sources do, or else the folder itself."""
    entries = list(folder.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() and not entries[0].is_symlink() else folder
