"""Chunking: how many definitions stay whole, and how fast, against a recursive character splitter.

    python benchmarks/chunking.py CORPORA_DIR [--profile]

The baseline is the splitter that the article (Kevin Lu, 2023) starts from: split at the separators of the language, from
classes to single characters, and bundle greedily up to the limit.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Iterator
from pathlib import Path

from cognate.chunking import chunk_file, decode, grammars, language_of
from cognate.chunking.lines import Source
from cognate.types import Chunk, Symbol

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


def baseline_ranges(language: str, source: Source) -> list[tuple[int, int]]:
    """Where the baseline's parts begin and end, in characters."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for part in split_recursively(source.text, SEPARATORS.get(language, []) + TAIL):
        ranges.append((start, start + len(part)))
        start += len(part)
    return ranges


def fitting(source: Source, chunks: tuple[Chunk, ...]) -> Iterator[Symbol]:
    """The definitions of at least two lines that fit into a chunk."""
    for chunk in chunks:
        for symbol in chunk.symbols:
            if symbol.kind in {"field", "heading", "variable", "constant"} or symbol.end_line - symbol.start_line == 1:
                continue
            if source.size(symbol.start_line, symbol.end_line) <= MAX_CHARS:
                yield symbol


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--profile", action="store_true", help="print where the time goes")
    options = arguments.parse_args()

    files: list[tuple[str, bytes]] = []
    for path in sorted(options.folder.rglob("*")):
        if path.is_file() and language_of(path.name):
            files.append((path.as_posix(), path.read_bytes()))
    texts = [(path, text) for path, data in files if (text := decode(data)) is not None]
    for path, text in texts:
        chunk_file(path, text)  # Loads the grammars.

    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(lambda: [chunk_file(path, text) for path, text in texts])
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)

    chunking = parsing = float("inf")
    parsed = [(language_of(path) or "", text.encode()) for path, text in texts]
    parsed = [(language, data) for language, data in parsed if language not in {"markdown", "notebook"}]
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for path, data in files:
            text = decode(data)
            if text is not None:
                chunk_file(path, text)
        chunking = min(chunking, time.perf_counter() - start)
        start = time.perf_counter()
        for language, data in parsed:
            grammars.parse(language, data)
        parsing = min(parsing, time.perf_counter() - start)

    fit = whole = baseline_whole = chunk_count = characters = 0
    for path, text in texts:
        chunked = chunk_file(path, text)
        source = Source.of(text)
        chunk_count += len(chunked.chunks)
        characters += sum(len(chunk.text) for chunk in chunked.chunks)
        ranges = baseline_ranges(chunked.language, source)
        for symbol in fitting(source, chunked.chunks):
            fit += 1
            first, last = source.offsets[symbol.start_line], source.offsets[symbol.end_line] - 1
            whole += any(
                chunk.start_line <= symbol.start_line and symbol.end_line <= chunk.end_line for chunk in chunked.chunks
            )
            # The newline at which the baseline splits counts to neither side.
            baseline_whole += any(start <= first and last <= end for start, end in ranges)

    print(f"files                            {len(texts):>10,}")
    print(f"characters                       {sum(len(text) for _, text in texts):>10,}")
    print(f"chunks                           {chunk_count:>10,}   {characters / max(1, chunk_count):.0f} characters each")
    print(f"definitions that fit             {fit:>10,}")
    print(f"  whole in one chunk             {whole / max(1, fit):>10.1%}")
    print(f"  whole, recursive splitter      {baseline_whole / max(1, fit):>10.1%}")
    print(f"files a second, bytes to chunks  {len(texts) / chunking:>10,.0f}")
    print(f"time relative to parsing alone   {chunking / parsing:>10.2f}")


if __name__ == "__main__":
    main()
