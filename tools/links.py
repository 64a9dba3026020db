#!/usr/bin/env python3
"""Finds links of the pages that lead nowhere: to a file that is not there, or to a heading that its page does not have.

    links.py [PAGE ...]     names each on a line, and exits with 1 if there is one; without arguments it reads all pages

Addresses on the web are not looked at.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[1]

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1(?!`)")
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^()\s>]+(?:\([^()\s]*\)[^()\s>]*)?)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def pages() -> list[Path]:
    """Return all Markdown files that git knows, or would know."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def links(text: str) -> list[str]:
    """Return the targets of a page's links and images, those in code left out."""
    return _LINK.findall(_CODE.sub("", _FENCE.sub("", text)))


def problems(of: Iterable[Path]) -> Iterator[str]:
    """Yield a sentence for each link of some pages that leads nowhere."""
    for page in of:
        for target in links(page.read_text(encoding="utf-8")):
            if _ELSEWHERE.match(target):
                continue
            path, _, anchor = unquote(target).partition("#")
            file = page.parent / path if path else page
            where = page.relative_to(ROOT) if page.is_relative_to(ROOT) else page
            if not file.exists():
                yield f"{where}: {target} leads to no file"
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
                yield f"{where}: {target} leads to no heading"


def main(arguments: list[str]) -> int:
    """Write what is wrong; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="*", metavar="PAGE")
    chosen = [page.resolve() for page in parser.parse_args(arguments).pages]
    found = list(problems(chosen or pages()))
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
