#!/usr/bin/env python3
"""Makes training pairs out of the fetched packages: words that people wrote, and the code they wrote them about.

Usage: pairs.py SOURCES_DIR OUT_DIR [NAME ...]

Writes OUT_DIR/NAME.jsonl. What a pair's code says to the encoder is made by the function that the index uses. Kinds:

* ``doc``: first sentence of a doc comment or docstring → its definition, and the chunk that holds it;
* ``comment``: a sentence among statements → the chunk around it;
* ``name``: a name's words → its body without the name;
* ``test``: a test's name or title → the code of the package that it exercises;
* ``heading``: a section's heading and first sentence → a code block below it.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing import Pool
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from likeness import sketch
from remarks import COMMENTS, Remark, remarks, says_something, sentence_of
from sources import packages

from cognate.chunking import decode, parse
from cognate.chunking.files import MAX_CHARS, chunk_file
from cognate.chunking.symbols import Definition, find_definitions
from cognate.chunking.text import Source
from cognate.embedding.text import embedding_text, passage_text
from cognate.languages.registry import DEFINITIONS, MARKDOWN, language_of, query_text, refine
from cognate.types import Chunk, Symbol
from cognate.words import identifiers, split_identifier
from cognate.workspace.content import content_rule

LEFT_OUT = frozenset(
    {"vendor", "vendored", "_vendor", "third_party", "thirdparty", "3rdparty", "contrib", "node_modules", "deps",
     "dist", "build", "generated", "gen", "fixtures", "testdata",
     "test_data", "resources", "umd", "lib.esm", "_esm",
     "_cjs", "_types", "lib.commonjs", "locale", "locales", "migrations", "perf", "external", "extern"}
)  # fmt: skip
"""Folders of other people's code, of output, and of data."""

MAX_BYTES = 300_000
MIN_LINES = 3
"""Lines of code that a definition has at least, its doc comment left out."""

NAMED = frozenset({"function", "method", "class", "struct", "interface", "trait", "constructor", "enum", "module"})
MIN_NAME_WORDS = 3
_TEST_PATH = re.compile(r"(?:^|/)_{0,2}(?:tests?|specs?)_{0,2}/|(?:^|[/_.])(?:test|spec)s?[_.]|Tests?\.\w+$", re.I)
_TEST_NAME = re.compile(r"^(?:test_?|Test_?|should_?|it_)(?=\w)|Test$")
_TITLE = re.compile(
    r"""^\s*(?:it|test|specify|scenario)\b\s*\(?\s*(["'`])(?P<title>[A-Za-z][^"'`\n]{14,140})\1""", re.M
)
_CALL = re.compile(r"\b([A-Za-z_]\w{4,})\s*\(")
_FENCE = re.compile(r"^```+\w*[^\n]*\n(?P<code>.*?)^```", re.M | re.S)
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$", re.M)
TEST_CHARS = 900
"""How far below its title a test's body reaches, about."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and what the encoder is given for the code that answers it.

    Attributes:
        kind: see the module.
        package: where it is from.
        path: relative to the package.
        line: first line of the code, 0-based.
        language: name of the grammar.
        query: the words.
        text: of the definition alone, nothing of the comment left.
        chunk: of the chunk as the index cuts it, only the sentence removed.
        passage: the same as a cross-encoder is given it.
        sketch: what the code is known by, wherever it stands (``likeness``).
    """

    kind: str
    package: str
    path: str
    line: int
    language: str
    query: str
    text: str
    chunk: str
    passage: str
    sketch: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Test:
    """A test's words, and the names it calls."""

    query: str
    path: str
    calls: tuple[str, ...]


def pairs_of_package(folder: Path, name: str) -> Iterator[Pair]:
    """Yield the pairs of one package."""
    tests: list[_Test] = []
    defined: dict[str, list[Pair]] = {}
    for path, text in _files(folder):
        language = refine(language_of(path) or "", path, text)
        if language == MARKDOWN:
            yield from _heading_pairs(name, path, text)
        elif language in COMMENTS:
            in_test = bool(_TEST_PATH.search(path))
            for pair, symbol in pairs_of_file(name, path, language, text, tests if in_test else None):
                if pair.query and not in_test:
                    yield pair
                if symbol and not in_test:
                    defined.setdefault(symbol, []).append(pair)
    yield from _test_pairs(tests, defined)


def pairs_of_file(
    package: str, path: str, language: str, text: str, tests: list[_Test] | None = None
) -> Iterator[tuple[Pair, str]]:
    """Yield the pairs of one file of code, each with the name that its code defines.

    Args:
        package: its name.
        path: relative to the package.
        language: name of the grammar.
        text: the file.
        tests: where to put the file's tests, if it has any.
    """
    source = Source.of(text)
    data = source.text.encode("utf-8", "surrogatepass").replace(b"\0", b" ")
    tree = parse.parse(language, data)
    if tree is None:
        return
    definitions = find_definitions(parse.run_query(language, query_text(language, DEFINITIONS), tree), data)
    if tests is not None:
        tests += _tests(path, source, definitions)
        return
    chunks = chunk_file(path, text).chunks
    told: dict[int, Remark] = {}
    for remark in remarks(language, tree, source.lines, definitions):
        line = remark.definition.start if remark.definition else remark.end
        chunk = next((chunk for chunk in chunks if chunk.start_line <= line < chunk.end_line), None)
        if chunk is None:
            continue
        rest = _without(chunk, remark)
        whole, passage = embedding_text(path, rest), passage_text(path, rest)
        if remark.definition is None:
            known = sketch(chunk.text)
            yield Pair("comment", package, path, line, language, remark.sentence, whole, whole, passage, known), ""
            continue
        told[id(remark.definition)] = remark
        alone = _alone(source, remark.definition, remark)
        if alone:
            known = sketch(alone.text)
            text_ = embedding_text(path, alone)
            yield Pair("doc", package, path, line, language, remark.sentence, text_, whole, passage, known), ""
    for definition in definitions:
        if definition.kind in NAMED and definition.node is not None:
            alone = _alone(source, definition, told.get(id(definition)))
            if alone:
                query = _name_query(definition)
                text_ = embedding_text(path, replace(alone, symbols=()))
                whole, passage, known = embedding_text(path, alone), passage_text(path, alone), sketch(alone.text)
                yield (
                    Pair("name", package, path, definition.start, language, query, text_, whole, passage, known),
                    definition.name,
                )


def _name_query(definition: Definition) -> str:
    """Return a definition's name as words, with its container's where there is one; empty where they are few."""
    name = split_identifier(definition.name)
    if len(name) < MIN_NAME_WORDS or definition.name.startswith("__"):
        return ""
    return " ".join(name)


def _without(chunk: Chunk, remark: Remark) -> Chunk:
    """Return a chunk with the rest of a remark where the remark stood."""
    lines = chunk.text.split("\n")
    start, end = (max(0, line - chunk.start_line) for line in (remark.start, remark.end))
    return replace(chunk, text="\n".join([*lines[:start], remark.rest, *lines[end:]]))


def _alone(source: Source, definition: Definition, remark: Remark | None) -> Chunk | None:
    """Return a definition as a chunk, without what was said of it; None where hardly any code is left."""
    rows = [row for row in range(definition.start, definition.end)
            if remark is None or not remark.start <= row < remark.end]  # fmt: skip
    if len(rows) < MIN_LINES:
        return None
    text = "\n".join(source.lines[row] for row in rows)[:MAX_CHARS]
    symbol = Symbol(definition.name, "function", definition.container, definition.start, definition.end)
    return Chunk(definition.start, definition.end, text, (symbol,), definition.container)


def _tests(path: str, source: Source, definitions: Sequence[Definition]) -> Iterator[_Test]:
    for definition in definitions:
        if _TEST_NAME.search(definition.name) and definition.kind in NAMED:
            words = split_identifier(_TEST_NAME.sub("", definition.name))
            if len(words) > MIN_NAME_WORDS:
                body = source.slice(definition.start + 1, definition.end)
                yield _Test(" ".join(words), path, tuple(_CALL.findall(body)))
    for match in _TITLE.finditer(source.text):
        if says_something(match["title"], "", inline=True):
            yield _Test(match["title"], path, tuple(_CALL.findall(source.text[match.end() : match.end() + TEST_CHARS])))


def _test_pairs(tests: Sequence[_Test], defined: Mapping[str, list[Pair]]) -> Iterator[Pair]:
    """Yield for each test the definition that it calls and that fewest tests call, if its name is the only such."""
    called: dict[str, int] = {}
    for test in tests:
        for name in set(test.calls):
            called[name] = called.get(name, 0) + 1
    for test in tests:
        known = [name for name in dict.fromkeys(test.calls) if len(defined.get(name, ())) == 1]
        if known:
            pair = defined[min(known, key=lambda name: called[name])][0]
            yield replace(pair, kind="test", query=test.query, text=pair.chunk)


def _heading_pairs(package: str, path: str, text: str) -> Iterator[Pair]:
    headings = [(match.start(), match.end(), match[2]) for match in _HEADING.finditer(text)]
    for fence in _FENCE.finditer(text):
        above = [heading for heading in headings if heading[1] <= fence.start()]
        if not above or len(identifiers(fence["code"])) < 8:
            continue
        _, end, heading = above[-1]
        said, _ = sentence_of(text[end : fence.start()].strip().split("\n"))
        query = f"{heading}: {said}" if says_something(said, "", inline=True) else heading
        if says_something(query.replace(":", ""), "", inline=False):
            line = text.count("\n", 0, fence.start())
            block = Chunk(line, line + 1, fence["code"])
            code, passage = embedding_text(path, block), passage_text(path, block)
            yield Pair("heading", package, path, line, MARKDOWN, query, code, code, passage, sketch(fence["code"]))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if LEFT_OUT & {part.lower() for part in parts[:-1]} or file.is_symlink() or not file.is_file():
            continue
        path = "/".join(parts)
        language = language_of(path)
        if (language not in COMMENTS and language != MARKDOWN) or not 0 < file.stat().st_size < MAX_BYTES:
            continue
        data = file.read_bytes()
        text = decode(data)
        if text is not None and content_rule(path, data) is None:
            yield path, text


def _write(job: tuple[Path, Path, str]) -> str:
    folder, out, name = job
    scratch = out.with_suffix(".part")
    count = 0
    with scratch.open("w", encoding="utf-8") as file:
        for pair in pairs_of_package(folder, name):
            file.write(json.dumps(asdict(pair)) + "\n")
            count += 1
    scratch.replace(out)
    return f"{name}: {count} pairs"


def main() -> None:
    """Write the pairs of the packages named, or of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    sources, out, names = options.sources, options.out, set(options.names)
    out.mkdir(parents=True, exist_ok=True)
    jobs = [
        (sources / p["name"], out / f"{p['name']}.jsonl", p["name"])
        for p in packages()
        if (not names or p["name"] in names) and (sources / p["name"]).is_dir()
    ]
    with Pool(2) as pool:
        for line in pool.imap_unordered(_write, [job for job in jobs if not job[1].exists() or names]):
            print(line, flush=True)


if __name__ == "__main__":
    main()
