"""Texts with tags in them, such as ``{% if x %}`` and ``<%= x %>``: where the tags are, and the text without them.

Pure; a language's ``template`` says what its tags look like. Offsets are bytes, and stay those of the file: what is
taken out is replaced by as many bytes.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from cognate.chunking import parse
from cognate.chunking.parts import Part
from cognate.chunking.symbols import Definition
from cognate.chunking.text import blanked
from cognate.languages.registry import LANGUAGES, entry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMENT, PRINT, STATEMENT = range(3)


class Tag(NamedTuple):
    """A tag; what it says is data[inner_start:inner_end]."""

    kind: int
    start: int
    inner_start: int
    inner_end: int
    end: int


def is_template(language: str, text: str) -> bool:
    """Whether a file has tags to look for."""
    entry = entry_of(language)
    if entry.template is None:
        return False
    return not entry.template_sign or re.search(entry.template_sign, text) is not None


def find_tags(language: str, data: bytes) -> list[Tag]:
    """Find the tags of a template, in order; what opens and is never closed is none."""
    opener, kinds = _delimiters(language)
    tags: list[Tag] = []
    unclosed: set[int] = set()
    position = 0
    while (found := opener.search(data, position)) is not None:
        position = found.end()
        number = (found.lastindex or 1) - 1
        kind, closer = kinds[number]
        closed = None if number in unclosed else closer.search(data, position)
        if closed is None:
            unclosed.add(number)
            continue
        tags.append(Tag(kind, found.start(), found.end(), closed.start(), closed.end()))
        position = closed.end()
    return tags


def without_tags(data: bytes, tags: Sequence[Tag]) -> bytes:
    """Return the text around the tags; a name stands where a value is printed, blanks where other tags were."""
    text = bytearray(data)
    for tag in tags:
        blanks = blanked(data[tag.start : tag.end])
        if tag.kind == PRINT:
            line = blanks.split(b"\n", 1)[0]
            blanks = b"_" * len(line) + blanks[len(line) :]
        text[tag.start : tag.end] = blanks
    return bytes(text)


def code_part(language: str, data: bytes, tags: Sequence[Tag]) -> tuple[list[Part], list[str]]:
    """Parse what the tags say, if that is in a language, and say in a sentence why it was not parsed."""
    template = LANGUAGES[language].template
    code = template.code if template else ""
    if not code or not tags:
        return [], []
    said = _only_code(data, tags)
    problem = parse.danger(code, said.decode("utf-8", "replace"))
    tree = None if problem else parse.parse(code, said)
    if tree is None:
        return [], [problem or f"The tags are not parsed: the parser for {code} made no headway."]
    return [Part(code, said, tree)], []


def tag_definitions(language: str, data: bytes, tags: Sequence[Tag]) -> list[Definition]:
    """Return what the tags themselves define, such as macros and blocks, in order."""
    template = LANGUAGES[language].template
    patterns = [(kind, re.compile(text, re.DOTALL)) for kind, text in template.definitions.items()] if template else []
    if not patterns:
        return []
    definitions: list[Definition] = []
    opened: dict[str, list[Definition]] = {}
    line = reached = 0
    for tag in tags:
        if tag.kind != STATEMENT:
            continue
        said = data[tag.inner_start : tag.inner_end].decode("utf-8", "replace").strip()
        word = said.split(None, 1)[0] if said else ""
        line += data.count(b"\n", reached, tag.start)
        reached = tag.start
        last = line + data.count(b"\n", tag.start, tag.end)
        if word.startswith("end"):
            if begun := opened.get(word.removeprefix("end")):
                begun.pop().end = last + 1
            continue
        for kind, pattern in patterns:
            if (named := pattern.fullmatch(said)) is not None:
                definition = Definition(kind, named["name"], "", line, last + 1)
                definitions.append(definition)
                opened.setdefault(word, []).append(definition)
                break
    return definitions


def _only_code(data: bytes, tags: Sequence[Tag]) -> bytes:
    """Return what the tags say, comments left out, each with a ``;`` behind it, and blanks around them."""
    text = bytearray(blanked(data))
    for tag in tags:
        if tag.kind != COMMENT:
            text[tag.inner_start : tag.inner_end] = data[tag.inner_start : tag.inner_end]
            text[tag.inner_end] = ord(";")
    return bytes(text)


@cache
def _delimiters(language: str) -> tuple[re.Pattern[bytes], list[tuple[int, re.Pattern[bytes]]]]:
    """Return a pattern with a group for each way to open a tag, and for each the tag's kind and what closes it."""
    template = LANGUAGES[language].template
    kinds = (
        [(COMMENT, template.comments), (PRINT, template.prints), (STATEMENT, template.statements)] if template else []
    )
    pairs = [(kind, opener, closer) for kind, delimiters in kinds for opener, closer in delimiters]
    openers = "|".join(f"({opener})" for _, opener, _ in pairs)
    return re.compile(openers.encode()), [(kind, re.compile(closer.encode())) for kind, _, closer in pairs]
