"""Chunking: how many definitions stay whole, and how fast, against a recursive character splitter.

    python benchmarks/chunking.py CORPORA_DIR [--profile]

The baseline is the splitter that the article (Kevin Lu, 2023) starts from: split at the separators of the language,
from classes to single characters, and bundle greedily up to the limit. A unit is a definition with its doc comment and
decorators.
"""

import argparse
import cProfile
import pstats
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from cognate.chunking import chunk_file, decode, parse
from cognate.chunking.symbols import Definition, find_definitions
from cognate.chunking.text import Source
from cognate.languages.registry import DEFINITIONS, language_of, query_text
from cognate.settings import Settings
from cognate.workspace.content import content_rule
from cognate.workspace.files import walk
from cognate.workspace.ignore import Rules

MAX_CHARS = 1500
ROUNDS = 3

_CURLY = ["\nfunction ", "\nconst ", "\nlet ", "\nvar ", "\nclass ", "\nif ", "\nfor ", "\nwhile ", "\nswitch "]
SEPARATORS = {
    "python": ["\nclass ", "\ndef ", "\n\tdef ", "\n    def "],
    "javascript": _CURLY,
    "typescript": ["\nenum ", "\ninterface ", "\nnamespace ", "\ntype ", *_CURLY],
    "tsx": ["\nenum ", "\ninterface ", "\nnamespace ", "\ntype ", *_CURLY],
    "go": ["\nfunc ", "\nvar ", "\nconst ", "\ntype ", "\nif ", "\nfor ", "\nswitch "],
    "rust": ["\nfn ", "\nconst ", "\nlet ", "\nif ", "\nwhile ", "\nfor ", "\nloop ", "\nmatch "],
    "java": ["\nclass ", "\npublic ", "\nprotected ", "\nprivate ", "\nstatic ", "\nif ", "\nfor ", "\nwhile "],
}
TAIL = ["\n\n", "\n", " ", ""]


def split_recursively(text: str, separators: list[str], max_chars: int = MAX_CHARS) -> list[str]:
    """Split at the first separator, bundle greedily, and split what is too large at the next one."""
    if len(text) <= max_chars:
        return [text]
    separator, *rest = separators
    if not separator:
        return [text[start : start + max_chars] for start in range(0, len(text), max_chars)]
    sections = text.split(separator)
    sections[1:] = [separator + section for section in sections[1:]]
    parts: list[str] = []
    bundle = ""
    for section in sections:
        if len(bundle) + len(section) <= max_chars:
            bundle += section
            continue
        if bundle:
            parts.append(bundle)
        bundle = section
        if len(section) > max_chars:
            parts += split_recursively(section, rest, max_chars)
            bundle = ""
    return [*parts, bundle] if bundle else parts


def baseline_cuts(language: str, source: Source) -> list[int]:
    """Where the baseline cuts, in characters."""
    parts = split_recursively(source.text, SEPARATORS.get(language, []) + TAIL)
    return list(accumulate(len(part) for part in parts))


def definitions_of(language: str, source: Source) -> list[Definition]:
    """Return the functions, methods and types of at least two lines."""
    data = source.text.encode()
    patterns = query_text(language, DEFINITIONS)
    tree = parse.parse(language, data) if patterns else None
    if tree is None:
        return []
    found = find_definitions(parse.run_query(language, patterns, tree), data)
    return [item for item in found if item.kind not in {"field", "variable", "constant"} and item.end - item.start > 1]


@dataclass(slots=True)
class Tally:
    """How many runs of lines fit into a chunk, and how many of them each splitter left whole."""

    fit: int = 0
    ours: int = 0
    baseline: int = 0

    def count(self, source: Source, lines: tuple[int, int], chunks: list[tuple[int, int]], parts: list[int]) -> None:
        """Look one run of lines up among chunks, in lines, and among the places where the baseline cuts."""
        start, end = lines
        if source.size(start, end) > MAX_CHARS:
            return
        self.fit += 1
        self.ours += any(first <= start and end <= last for first, last in chunks)
        # A cut at the newline before or after the run leaves it whole.
        first, last = source.offsets[start], source.offsets[end] - 1
        self.baseline += bisect_left(parts, last) == bisect_right(parts, first)

    def row(self, label: str) -> str:
        """Say it in one line of the table."""
        fit = max(1, self.fit)
        return f"{label:32} {self.fit:>10,} {self.ours / fit:>10.2%} {self.baseline / fit:>10.2%}"


@dataclass(frozen=True, slots=True)
class Speed:
    """Least seconds for all files: bytes to chunks with symbols, and parsing alone."""

    files: int
    chunking_s: float
    parsing_s: float


def read_files(folder: Path) -> list[tuple[str, bytes]]:
    """Return path and bytes of the files that are indexed and have a language."""
    rules = Rules(folder, (), Settings().max_file_bytes)
    walked = [(path, (folder / path).read_bytes()) for path, _ in walk(folder, rules)]
    return [(path, data) for path, data in walked if language_of(path) and content_rule(path, data) is None]


def speed(files: list[tuple[str, bytes]], rounds: int) -> Speed:
    """Time chunking and parsing in turns, on one core, with the grammars loaded."""
    texts = [(path, text) for path, data in files if (text := decode(data)) is not None]
    for path, text in texts:
        chunk_file(path, text)
    chunking = parsing = float("inf")
    parsed = [(language_of(path) or "", text.encode()) for path, text in texts]
    parsed = [(language, data) for language, data in parsed if language not in {"markdown", "notebook"}]
    for _ in range(rounds):
        start = time.perf_counter()
        for path, data in files:
            text = decode(data)
            if text is not None:
                chunk_file(path, text)
        chunking = min(chunking, time.perf_counter() - start)
        start = time.perf_counter()
        for language, data in parsed:
            parse.parse(language, data)
        parsing = min(parsing, time.perf_counter() - start)
    return Speed(len(texts), chunking, parsing)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--profile", action="store_true", help="print where the time goes")
    options = arguments.parse_args()

    files = read_files(options.folder)
    texts = [(path, text) for path, data in files if (text := decode(data)) is not None]
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(lambda: [chunk_file(path, text) for path, text in texts])
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)

    measured = speed(files, ROUNDS)
    definitions, units = Tally(), Tally()
    sizes: list[int] = []
    for path, text in texts:
        chunked = chunk_file(path, text)
        source = Source.of(text)
        sizes += [len(chunk.text) for chunk in chunked.chunks]
        chunks = [(chunk.start_line, chunk.end_line) for chunk in chunked.chunks]
        parts = baseline_cuts(chunked.language, source)
        for definition in definitions_of(chunked.language, source):
            definitions.count(source, (definition.start, definition.end), chunks, parts)
            if definition.leads:
                units.count(source, (definition.unit_start, definition.end), chunks, parts)

    count = sum(len(text) for _, text in texts)
    print(
        f"{len(texts):,} files, {count:,} characters, {len(sizes):,} chunks of {sum(sizes) / len(sizes):.0f} characters"
    )
    print()
    print(f"{'what fits and is whole':32} {'of':>10} {'cognate':>10} {'baseline':>10}")
    print(definitions.row("functions, methods, types"))
    print(units.row("... with comment or decorators"))
    print()
    print(f"files a second, bytes to chunks  {measured.files / measured.chunking_s:>10,.0f}")
    print(f"time relative to parsing alone   {measured.chunking_s / measured.parsing_s:>10.2f}")


if __name__ == "__main__":
    main()
