"""A small git repository with a past, which editors are asked about."""

import subprocess
from pathlib import Path

from editors.project import PROJECT
from fixtures import write_files

STEPS = (
    ("Fetch files over HTTP", PROJECT),
    (
        "Give up on a slow host after half a minute\n\nA mirror that hung kept a whole build waiting.",
        "//- src/deadline.py\nHOST_DEADLINE_S = 30\n\n\ndef is_too_slow(started, now):\n"
        '    """Whether a host has had its time."""\n    return now - started > HOST_DEADLINE_S\n'
        "//- src/mirrors.py\nfrom deadline import is_too_slow\n\n\ndef usable(mirrors, now):\n"
        "    return [mirror for mirror in mirrors if not is_too_slow(mirror.started, now)]\n",
    ),
    (
        "Prefer the nearest mirror",
        "//- src/deadline.py\nHOST_DEADLINE_S = 20\n\n\ndef is_too_slow(started, now):\n"
        '    """Whether a host has had its time."""\n    return now - started > HOST_DEADLINE_S\n'
        "//- src/mirrors.py\nfrom deadline import is_too_slow\n\n\ndef usable(mirrors, now):\n"
        "    near = sorted(mirrors, key=lambda mirror: mirror.distance)\n"
        "    return [mirror for mirror in near if not is_too_slow(mirror.started, now)]\n",
    ),
)
"""Messages of commits, and the files as they are then."""


def make_repository(folder: Path) -> Path:
    """Commit every step into a new repository."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for message, files in STEPS:
        write_files(folder, files)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", message)
    return folder


def git(folder: Path, *arguments: str) -> None:
    """Run git as somebody."""
    who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)
