#!/usr/bin/env python3
"""Shows how a language is read: the syntax tree of a file, and what its entry and queries make of it.

    python -m tools.language example.zig
    python -m tools.language --language zig example.txt

A node stands on a line with its line number, its field, and its text where it holds no other; what the grammar does
not understand is marked ERROR or MISSING. Below stand definitions as the tests write them, imports, and names used.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from cognate.chunking import chunk_file
from cognate.chunking.parse import parse
from cognate.languages.registry import language_of
from cognate.types import ChunkedFile


def tree(language: str, data: bytes) -> Iterator[str]:
    """Yield a line for each node of a text's syntax tree, inner ones indented."""
    parsed = parse(language, data) if language else None
    if parsed is None:
        yield f"No grammar reads {language or 'this file'}."
        return
    cursor, depth = parsed.walk(), 0
    while True:
        node = cursor.node
        assert node is not None  # A cursor stands on a node until it leaves the root.
        field = f"{cursor.field_name}: " if cursor.field_name else ""
        kind = node.type if node.is_named else repr(node.type)
        missing = "MISSING " if node.is_missing else ""
        leaf = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
        text = f"  {leaf!r}" if node.is_named and not node.child_count and leaf else ""
        yield f"{node.start_point.row + 1:4}  {'  ' * depth}{field}{missing}{kind}{text}"
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1


def found(chunked: ChunkedFile) -> Iterator[str]:
    """Yield a line for each definition, import and used name of a file."""
    yield f"Language: {chunked.language}"
    for chunk in chunked.chunks:
        for symbol in chunk.symbols:
            name = f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
            yield f"{symbol.kind} {name}"
    for path in chunked.references.imports:
        yield f"imports {path}"
    for owner, names in chunked.references.uses:
        yield f"{owner or 'the file'} uses {names}"


def main(arguments: list[str]) -> int:
    """Print a file's tree and what is found in it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", help="the grammar that the tree is made by; by default the file's own")
    options = parser.parse_args(arguments)
    try:
        text = options.file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        parser.error(f"{options.file} cannot be read: {error.strerror}.")
    path = options.file.name
    sys.stdout.writelines(
        f"{line}\n" for line in tree(options.language or language_of(path, text) or "", text.encode())
    )
    sys.stdout.writelines(f"{line}\n" for line in found(chunk_file(path, text)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
