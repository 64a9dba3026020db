#!/usr/bin/env python3
"""Definitions found, language by language, against Universal Ctags on real projects.

    python benchmarks/definitions.py CORPORA_DIR [LANGUAGE ...] [--misses FILE] [--json FILE]

``definitions.json`` names the projects, fetched by pinned version and checked digest from PyPI, npm and Debian, which
of their files count for a language, and the kinds of ctags that mean a function, method, class, type or module there.
Local variables, parameters, fields and prototypes are not among them.

What counts:

* Files are those that would be indexed: text of at most the default size, neither generated nor minified. Of each
  language at most 300 are taken, in the order of their paths' digests.
* A definition is a tag of one of those kinds. Tags of one name on one line are one definition; a name that does not
  stand on its line was made up by ctags and is none. Where ctags is known to take other things for definitions, such
  as JavaScript objects for classes, ``definitions.json`` says what the line of a definition looks like.
* It is found if one of our symbols has its name and begins at most one line away, or at most HEAD lines before it with
  that line inside: annotations and return types stand above a name. A symbol stands for one definition only, so a
  class is not taken for its constructor; but the further equations or clauses of a function, which are tags of one
  name and kind, are found with the symbol that they stand in.
* Names are the same when they are so without case, blanks, quotes and sigils, or when one is the other with what
  contains it in front (``Point.length``, ``ns::length``), and a selector of Objective-C is known by its first part.
* A symbol is named rightly if all words of its name stand on its first line or, as its head may be longer, on one of
  the HEAD lines after it, as far as they are its own.

ctags is no judge but a second opinion: it reads by hand-written rules, so a miss may be its mistake. For languages
without kinds in ``definitions.json`` ctags has no parser, and only our symbols are looked at.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from corpora import download

from cognate.chunking import chunk_file, decode
from cognate.settings import Settings
from cognate.workspace.content import content_rule
from editors.debian import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cognate.types import Symbol

LIST = Path(__file__).with_name("definitions.json")
MAX_FILES = 300
HEAD = 10
SHOWN_KINDS = 2

_WORD = re.compile(r"\w+")
_UNSAID = re.compile(r"[\s\"'`$@%&]+")
_SELECTOR = re.compile(r"^(\w+):(?:\w+:)*$")
"""A method of Objective-C as ctags calls it, by all parts of its selector; people say the first."""
_SEPARATORS = (".", "::", ":", "->", "#", "/", "\\", "!")


@dataclass(frozen=True)
class Tag:
    """A definition that ctags sees: its line counts from 1."""

    name: str
    line: int
    kind: str


@dataclass
class Result:
    """What was counted for one language.

    Attributes:
        files: files that were read.
        tags: definitions by ctags; None where it has no parser.
        symbols: our symbols.
        misses: definitions by ctags that we lack, with the file's path and the language we read it as.
        misnamed: our symbols whose name does not stand on their first lines, with the path.
    """

    files: int = 0
    tags: int | None = None
    symbols: int = 0
    misses: list[tuple[str, str, Tag]] = field(default_factory=list)
    misnamed: list[tuple[str, Symbol]] = field(default_factory=list)

    @property
    def recall(self) -> float | None:
        """Share of ctags' definitions that we have."""
        return 1 - len(self.misses) / self.tags if self.tags else None

    @property
    def named(self) -> float | None:
        """Share of our symbols whose name stands where they begin."""
        return 1 - len(self.misnamed) / self.symbols if self.symbols else None


def fetch(entry: dict[str, str], patterns: Iterable[str], out: Path) -> Path:
    """Return the folder with those files of a project that match a pattern, fetched if it is not there.

    Raises:
        SystemExit: when the registry does not give it, or gives something else.
    """
    patterns = sorted(set(patterns))
    digest = hashlib.sha256(json.dumps([entry, patterns], sort_keys=True).encode()).hexdigest()[:8]
    target = out / f"{entry['name']}-{digest}"
    if target.exists():
        return target
    for old in out.glob(f"{entry['name']}-????????"):
        shutil.rmtree(old)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        folder = Path(scratch) / "download"
        folder.mkdir()
        archive = download(entry, folder)
        staged = Path(scratch) / "staged"
        staged.mkdir()
        for name, data in _members(archive):
            path = staged / name
            if matches(name, patterns) and path.resolve().is_relative_to(staged.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        staged.replace(target)
    return target


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files in an archive; the outer folder of a source archive is left out."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for info in wheel.infolist():
                if not info.is_dir():
                    yield info.filename, wheel.read(info)
        return
    with tarfile.open(archive) as whole:
        for member in whole:
            content = whole.extractfile(member) if member.isreg() else None
            _, _, name = member.name.removeprefix("./").partition("/")
            if content and name:
                yield name, content.read()


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path is meant: by a pattern in which ``*`` also stands for ``/``, and by none with ``!`` before it."""
    patterns = list(patterns)
    return any(fnmatchcase(path, p) for p in patterns if p[0] != "!") and not any(
        fnmatchcase(path, p[1:]) for p in patterns if p[0] == "!"
    )


def read_files(folders: dict[str, Path], patterns: dict[str, list[str]], at_most: int) -> dict[str, str]:
    """Return the texts of a language's files by their path below the folder of all projects."""
    found: dict[str, Path] = {}
    for name, folder in folders.items():
        for path in folder.rglob("*"):
            inner = path.relative_to(folder).as_posix()
            if path.is_file() and matches(inner, patterns[name]):
                found[f"{folder.name}/{inner}"] = path
    texts: dict[str, str] = {}
    for path in sorted(found, key=lambda path: hashlib.sha256(path.encode()).digest()):
        data = found[path].read_bytes()
        if len(data) > Settings().max_file_bytes or content_rule(path, data) is not None:
            continue
        text = decode(data)
        if text is not None:
            texts[path] = text
        if len(texts) == at_most:
            break
    return texts


def tags_of(out: Path, language: dict[str, Any], texts: dict[str, str]) -> dict[str, list[Tag]]:
    """Return the definitions that ctags finds in files, by path, in the order of their lines.

    Args:
        out: the folder that the paths are relative to.
        language: its entry in definitions.json.
        texts: the files by path.
    """
    name = language["ctags"]
    command = [str(program("ctags")), "--quiet", "--options=NONE", f"--language-force={name}",
               "--output-format=json", "--fields=NFnKElsZ", f"--kinds-{name}=*", "--sort=no", "-L", "-",
               "-f", "-"]  # fmt: skip
    listed = "".join(f"{path}\n" for path in texts)
    done = subprocess.run(command, cwd=out, input=listed.encode(), capture_output=True, check=True)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        tag = json.loads(line)
        if tag["_type"] == "tag" and tag["language"] == name:
            found[tag["path"]].append(tag)
    return {path: definitions(tags, language, texts[path].split("\n")) for path, tags in found.items()}


def definitions(tags: Iterable[dict[str, Any]], language: dict[str, Any], lines: Sequence[str]) -> list[Tag]:
    """Return the tags that count as definitions, in the order of their lines.

    Args:
        tags: name, line, kind and scope as ctags gives them in JSON.
        language: the entry in definitions.json: its kinds, what a scope must not end with (``not_in``), and by kind
            what a line must match (``only``, with NAME for the name) where ctags takes more than definitions for one.
        lines: of the file.
    """
    kinds, not_in, only = language["kinds"].split(), language.get("not_in", "\0"), language.get("only", {})
    found: dict[tuple[int, str], Tag] = {}
    for tag in tags:
        line = "".join(lines[tag["line"] - 1 : tag["line"]])
        if (
            tag["kind"] in kinds
            and not tag.get("scope", "").endswith(not_in)
            and stands_in(tag["name"], [line])
            and re.search(only.get(tag["kind"], "").replace("NAME", re.escape(tag["name"])), line)
        ):
            found.setdefault((tag["line"], tag["name"]), Tag(tag["name"], tag["line"], tag["kind"]))
    return sorted(found.values(), key=lambda tag: tag.line)


def missing(tags: Sequence[Tag], symbols: Sequence[Symbol]) -> list[Tag]:
    """Return the definitions that no symbol stands for; the nearest pairs are made first, and each symbol is in one."""
    by_line: dict[int, list[int]] = defaultdict(list)
    for number, symbol in enumerate(symbols):
        by_line[symbol.start_line].append(number)
    pairs: list[tuple[int, int, int]] = []
    for place, tag in enumerate(tags):
        for distance in range(-1, HEAD + 1):
            for number in by_line.get(tag.line - 1 - distance, ()):
                symbol = symbols[number]
                near = distance <= 1 or tag.line <= symbol.end_line
                if near and same_name(tag.name, symbol.name):
                    pairs.append((abs(distance), place, number))
    found: set[int] = set()
    taken: dict[int, Tag] = {}
    for _, place, number in sorted(pairs):
        if place not in found and number not in taken:
            found.add(place)
            taken[number] = tags[place]
    inside = {
        (tag.name, tag.kind, line)
        for number, tag in taken.items()
        for line in range(symbols[number].start_line + 1, symbols[number].end_line + 1)
    }
    return [
        tag for place, tag in enumerate(tags) if place not in found and (tag.name, tag.kind, tag.line) not in inside
    ]


def same_name(one: str, other: str) -> bool:
    """Whether two names mean the same, with or without what contains them."""
    one, other = (_UNSAID.sub("", _SELECTOR.sub(r"\1", name)).casefold() for name in (one, other))
    if len(one) > len(other):
        one, other = other, one
    return one == other or (bool(one) and other.endswith(tuple(separator + one for separator in _SEPARATORS)))


def stands_there(symbol: Symbol, lines: Sequence[str]) -> bool:
    """Whether all words of a symbol's name stand on its first lines."""
    return stands_in(symbol.name, lines[symbol.start_line : min(symbol.end_line, symbol.start_line + 1 + HEAD)])


def stands_in(name: str, lines: Iterable[str]) -> bool:
    """Whether lines have all words of a name."""
    return set(_WORD.findall(name)) <= set(_WORD.findall("\n".join(lines)))


def measure(language: dict[str, Any], folders: dict[str, Path], out: Path, at_most: int) -> Result:
    """Read a language's files by both, and compare."""
    texts = read_files(folders, language["from"], at_most)
    tags: dict[str, list[Tag]] = {}
    if "kinds" in language:
        tags = tags_of(out, language, texts)
    result = Result(len(texts), sum(map(len, tags.values())) if "kinds" in language else None)
    for path, text in sorted(texts.items()):
        chunked = chunk_file(path, text)
        symbols = [symbol for chunk in chunked.chunks for symbol in chunk.symbols]
        result.symbols += len(symbols)
        lines = re.split(r"\r\n|\r|\n", text)
        result.misnamed += [(path, symbol) for symbol in symbols if not stands_there(symbol, lines)]
        result.misses += [(path, chunked.language, tag) for tag in missing(tags.get(path, []), symbols)]
    return result


def table(results: dict[str, Result]) -> str:
    """Return the results as a table in Markdown."""
    rows = [
        "| language | files | definitions by ctags | found | recall | our symbols | named on their line | misses |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for title, result in results.items():
        found = result.tags - len(result.misses) if result.tags is not None else None
        figures = (result.files, result.tags, found, result.recall, result.symbols, result.named)
        rows.append(f"| {' | '.join([title, *map(_figure, figures), _commonest(result.misses)])} |")
    return "\n".join(rows)


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{int(value * 1000) / 1000:.3f}"


def _commonest(misses: Sequence[tuple[str, str, Tag]]) -> str:
    kinds = Counter(tag.kind for _, _, tag in misses).most_common(SHOWN_KINDS)
    examples = {tag.kind: f"`{tag.name}`, {_place(path)}:{tag.line}" for path, _, tag in reversed(misses)}
    return "; ".join(f"{count} {kind} ({examples[kind]})" for kind, count in kinds).replace("|", "\\|")


def _place(path: str) -> str:
    folder, _, inner = path.partition("/")
    return f"{folder[:-9]}/{inner}"


def details(results: dict[str, Result]) -> str:
    """Return every miss and every misnamed symbol, one a line."""
    lines: list[str] = []
    for title, result in results.items():
        for path, language, tag in result.misses:
            lines.append(f"{title}\tmiss\t{tag.kind}\t{tag.name}\t{path}:{tag.line}\tread as {language}")
        for path, symbol in result.misnamed:
            lines.append(f"{title}\tmisnamed\t{symbol.kind}\t{symbol.name}\t{path}:{symbol.start_line + 1}\t")
    return "".join(f"{line}\n" for line in lines)


def main() -> int:
    """Print the table; 1 when a project could not be fetched."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="where the projects are kept")
    parser.add_argument("languages", nargs="*", help="titles of languages; without one, all")
    parser.add_argument("--files", type=int, default=MAX_FILES, help="how many files of a language are read")
    parser.add_argument("--misses", type=Path, help="file for every miss, one a line")
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    out: Path = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    listed = json.loads(LIST.read_text(encoding="utf-8"))
    wanted = {name.lower() for name in arguments.languages}
    languages = [e for e in listed["languages"] if not wanted or e["title"].lower() in wanted]
    folders: dict[str, Path] = {}
    failed = 0
    for entry in listed["projects"]:
        name = entry["name"]
        if not any(name in language["from"] for language in languages):
            continue
        try:
            patterns = (p for e in listed["languages"] for p in e["from"].get(name, ()) if p[0] != "!")
            folders[name] = fetch(entry, patterns, out)
        except SystemExit as error:
            failed = 1
            print(f"{name} is left out: {error}", file=sys.stderr)
    program("ctags")
    results: dict[str, Result] = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        running = {
            e["title"]: pool.submit(
                measure, e, {name: folders[name] for name in e["from"] if name in folders}, out, arguments.files
            )
            for e in languages
        }
        for title, future in running.items():
            results[title] = future.result()
            print(f"{title}: {_figure(results[title].recall)}", file=sys.stderr, flush=True)
    print(table(results))
    if arguments.misses:
        arguments.misses.write_text(details(results), encoding="utf-8")
    if arguments.json:
        figures = {
            title: {"files": r.files, "definitions": r.tags, "missed": len(r.misses), "symbols": r.symbols,
                    "misnamed": len(r.misnamed)}
            for title, r in results.items()
        }  # fmt: skip
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main())
