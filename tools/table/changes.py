"""Tells the changes of a repository for the extractor: the subject of a commit, and what it made of a file.

Takes small commits only: what a large one is about, none of its hunks says.
"""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

CHANGES = "history.commits"
"""Name of the file, which the extractor knows by its ending."""

NEWEST = 8_000
"""Commits looked at."""

MOST = 2500
"""Commits taken: telling a change takes 3 ms of processor time."""

MOST_FILES = 4
LEAST_WORDS = 4

_PREFIX = re.compile(r"^(?:\[[^\]]*\]:?|[\w./-]+(?:\([^)]*\))?!?:|#\d+:?|[A-Z]+-\d+:?)\s+")
_NUMBER = re.compile(r"\s*\(?(?:#|gh-|GH-)\d+\)?")
_NOISE = re.compile(
    r"\b(?:bump|releas\w*|version|typos?|lint\w*|clippy|rubocop|format\w*|whitespace|indent\w*|docs?|readme|changelog|ci"
    r"|merge|reverts?|refactor\w*|clean ?ups?|rename\w*|upgrade\w*|update[sd]? (?:dep|to)\w*|dependenc\w*|warnings?"
    r"|comments?|copyright|licen[cs]e\w*|tests?|specs?|pr|pull request|review|feedback|misc|wip|todo|nits?|prepare"
    r"|backport\w*|cherry)\b",
    re.IGNORECASE,
)
_NO_CODE = re.compile(
    r"(?:^|/)(?:docs?|examples?|samples?|benches|benchmarks?|vendor|third_party|fixtures?)/|(?:^|[/._-])(?:tests?|specs?)[/.]"
    r"|tests?/|tests?\.\w+$"
    r"|\.(?:md|txt|rst|json|ya?ml|toml|lock|xml|html|css|csproj|props|snap|svg|resx|adoc|cfg|ini)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git directory that is only read; nothing of it is ever fetched from elsewhere."""

    folder: Path

    def lines(self, *command: str, given: str = "") -> list[str]:
        """Return what a git command says, up to where it fails: a mirror may lack old files that are large."""
        done = subprocess.run(
            ["git", f"--git-dir={self.folder}", *command],
            check=False,
            capture_output=True,
            input=given.encode(),
            env={"GIT_NO_LAZY_FETCH": "1", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
        )
        return done.stdout.decode("utf-8", "replace").split("\n")

    def missing_files(self) -> list[str]:
        """Return the paths of the newest files that the repository does not have."""
        listed = self.lines("rev-list", "--objects", "--no-object-names", "--missing=print", "--no-walk", "HEAD")
        missing = {line[1:] for line in listed if line.startswith("?")}
        tree = self.lines("ls-tree", "-r", "-z", "HEAD")
        rows = [row.partition("\t") for row in "".join(tree).split("\0")] if missing else []
        return [path for head, _, path in rows if head.split(" ")[-1] in missing]


def write_changes(git: Repository, out: Path) -> None:
    """Write the chosen commits of a repository: a line of one control character and the subject, then the diff."""
    chosen = list(islice(_chosen(git), MOST))
    subjects = {number: subject for number, subject, _ in chosen}
    endings = sorted({f"*{Path(name).suffix}" for _, _, names in chosen for name in names if Path(name).suffix})
    left = list(subjects)
    with out.open("w", encoding="utf-8") as file:
        while left:
            shown = git.lines(
                "log", "--no-walk=unsorted", "--stdin", "-p", "-U8", "--no-color", "--no-ext-diff", "--no-textconv",
                "--no-renames", "--diff-filter=M", "--format=%x01%H", "--", *endings, given="\n".join(left) + "\n",
            )  # fmt: skip
            is_code = True
            for line in shown:
                if line.startswith("\x01"):
                    file.write(f"\x01{subjects.get(line[1:], '')}\n")
                    continue
                if line.startswith("diff --git "):
                    is_code = not _NO_CODE.search(line)
                if is_code:
                    file.write(f"{line[:400]}\n")
            last = next((line[1:] for line in reversed(shown) if line.startswith("\x01")), "")
            left = left[left.index(last) + 1 :] if last in subjects else []  # It ends at a file that is not there.


def subject_of(line: str) -> str:
    """Return what a commit's subject says without prefixes and numbers, empty where it says too little."""
    said = _NUMBER.sub("", line)
    while (shorter := _PREFIX.sub("", said)) != said:
        said = shorter
    return "" if len(said.split()) < LEAST_WORDS or _NOISE.search(said) else said


def _chosen(git: Repository) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the number, the subject and the files of code of each small commit that says something."""
    listing = git.lines("log", "--no-merges", f"-n{NEWEST}", "--name-only", "--no-renames", "--format=%x01%H %s")
    for commit in "\n".join(listing).split("\x01")[1:]:
        first, *names = commit.split("\n")
        code = [name for name in names if name and not _NO_CODE.search(name)]
        number, _, line = first.partition(" ")
        if 0 < len(code) <= MOST_FILES and (subject := subject_of(line)):
            yield number, subject, code
