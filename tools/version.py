#!/usr/bin/env python3
"""Writes the version that ``pyproject.toml`` says into all other files that say it; a test finds drift.

version.py          writes it
version.py 1.2.3    makes it 1.2.3 first
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

HOME = "pyproject.toml", r'^version = "(.+)"$'
COPIES = (
    ("server/cognate/__init__.py", r'^__version__ = "(.+)"$'),
    ("nvim-client/lua/cognate/init.lua", r'^M\.version = "(.+)"$'),
    ("vscode-client/package.json", r'^  "version": "(.+)",$'),
    ("vscode-client/package-lock.json", r'\A{\n  "name": "cognate",\n  "version": "(.+)",$'),
    ("vscode-client/package-lock.json", r'^    "": {\n      "name": "cognate",\n      "version": "(.+)",$'),
)
"""Each file, and the line of it whose group is the version."""


def said(place: tuple[str, str]) -> str:
    """Return the version that a file says.

    Raises:
        SystemExit: when it says none.
    """
    return _match(place)[1]


def say(place: tuple[str, str], version: str) -> None:
    """Write a version into a file."""
    found = _match(place)
    text = found.string[: found.start(1)] + version + found.string[found.end(1) :]
    (ROOT / place[0]).write_text(text, encoding="utf-8")


def _match(place: tuple[str, str]) -> re.Match[str]:
    name, pattern = place
    found = re.search(pattern, (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{name} says no version: no line of it matches {pattern}")
    return found


def main(arguments: list[str]) -> None:
    """Write the version, or a new one, everywhere."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", nargs="?")
    new = parser.parse_args(arguments).version
    if new is not None:
        if not re.fullmatch(r"\d+\.\d+\.\d+", new):
            raise SystemExit(f"{new} is no version: give three numbers, such as 1.2.3")
        say(HOME, new)
    for place in COPIES:
        say(place, said(HOME))


if __name__ == "__main__":
    main(sys.argv[1:])
