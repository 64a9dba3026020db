"""Real git repositories for tests, free of this machine's configuration."""

import subprocess
from pathlib import Path

from fixtures import write_files

OPTIONS = (
    "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main", "-c", "core.autocrlf=false",
    "-c", "protocol.file.allow=always", "-c", "commit.gpgSign=false",
)  # fmt: skip


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git in a folder, and return what it prints."""
    command = ["git", *OPTIONS, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, input=stdin).stdout.decode()


def new_repository(folder: Path) -> Path:
    """Make an empty repository."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    return folder


def commit(folder: Path, message: str, text: str = "") -> str:
    """Write the files of a fixture, commit everything, and return the commit's name."""
    write_files(folder, text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return head(folder)


def head(folder: Path) -> str:
    """Return the name of the commit that HEAD is at."""
    return git(folder, "rev-parse", "HEAD").strip()


def import_commit(folder: Path, message: bytes, files: dict[bytes, bytes]) -> str:
    """Make a commit on ``main`` whose message and files are any bytes, without a work tree."""
    data = [b"commit refs/heads/main\ncommitter t <t@t> 1700000000 +0000\ndata %d\n%s\n" % (len(message), message)]
    has_parent = subprocess.run(
        ["git", "rev-parse", "--verify", "-q", "main"], cwd=folder, capture_output=True, check=False
    )
    if has_parent.returncode == 0:
        data.append(b"from refs/heads/main^0\n")
    data += [b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(text), text) for path, text in files.items()]
    git(folder, "fast-import", "--quiet", "--force", stdin=b"".join(data))
    return git(folder, "rev-parse", "main").strip()
