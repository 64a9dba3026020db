"""What people wrote about code in words: comments and docstrings of a parsed file, and the sentence each begins with.

Pure; knows the comment node of each language that is trained on, and what is no sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cognate.chunking import parse
from cognate.chunking.symbols import Definition
from cognate.words import split_identifier, stem

COMMENTS = {
    "c": "comment", "cpp": "comment", "go": "comment", "java": "line_comment block_comment", "javascript": "comment",
    "php": "comment", "python": "comment", "ruby": "comment", "rust": "line_comment block_comment", "tsx": "comment",
    "typescript": "comment",
}  # fmt: skip
"""Grammar name → node types of comments."""

MIN_WORDS, MAX_WORDS = 3, 40
MIN_INLINE_WORDS = 5
"""A comment among statements says less about them than a doc comment does; shorter ones are mostly labels."""

_MARKERS = re.compile(r"^\s*(?:/\*+!?|\*+/|\*+(?!\w)|//+[!<]?|#+!?|--+|;+)?\s?|\*+/\s*$")
_TAG = re.compile(r"^\s*(?:[@\\](?:brief|short|summary|details|description|desc|remarks?)\b:?|<summary>)\s*", re.I)
_OTHER_TAG = re.compile(
    r"^\s*(?:[@\\:]\w+|<\w+>|[-=~^*_#+]{3,}|>>> "
    r"|(?:args|arguments|parameters|params|returns?|yields|raises|throws|examples?|notes?|see also|usage|todo|input"
    r"|output)\s*:?\s*$|(?:args|arguments|parameters|returns|raises|examples?)\s*:)",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[([^\]\[]*)\](?:\([^)\s]*\)|\[[^\]]*\])?|\{@\w+\s+([^}]*)\}|:[\w:]+:`~?([^`<]*)(?:<[^>]*>)?`")
_MARKUP = re.compile(r"</?\w+[^<>]*>|[`*]+|(?<![\w])_{1,2}(?=\w)|\\[a-z]\s")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(\[])|(?<=[a-z)]):\s*$")
_NO_SENTENCE = re.compile(
    r"[;{}=<>|\\$]|->|\(\)|\w\(\w|https?:|^\W*(?:see|todo|fixme|xxx+|hack|deprecated|nolint|eslint|noqa|pylint|type:"
    r"|same as|inherit|overrid|param|return type|internal|private|test|generated|end of|vim:|mode:|default)\b"
    r"|copyright|licen[sc]e|all rights|spdx|permission|warrant|redistribut|author|@",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][a-z]+(?:'[a-z]+)?")
_PLAIN_WORDS = (
    "a an the this that these those is are be it its of to in on for from with by and or if when then as at not no "
    "get gets set sets return returns returned value values given specified function method class object instance "
    "create creates new constructor called call calls use used uses whether true false null none"
)
_PLAIN = frozenset(_PLAIN_WORDS.split())
"""Words of every second comment; they tell no definition from another."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or docstring.

    Attributes:
        start: its first line.
        end: one past its last line.
        sentence: what it begins with, cleaned.
        rest: what else it says.
        definition: what it describes; None where it stands among statements.
    """

    start: int
    end: int
    sentence: str
    rest: str
    definition: Definition | None


def remarks(language: str, tree: Any, lines: Sequence[str], definitions: Sequence[Definition]) -> Iterator[Remark]:
    """Yield what is said in a file, each remark once, if it begins with a sentence that says something."""
    described = {line: d for d in reversed(definitions) for line in range(d.unit_start, d.start)}
    for start, end in _comments(language, tree, lines):
        definition = described.get(end - 1) or described.get(start)
        found = _remark(lines[start:end], start, end, definition)
        if found:
            yield found
    if language == "python":
        for definition in definitions:
            span = _docstring(definition)
            found = _remark(lines[span[0] : span[1]], *span, definition) if span else None
            if found:
                yield found


def sentence_of(lines: Sequence[str]) -> tuple[str, str]:
    """Return the first sentence of a comment without markup, and the rest; both empty where there is none."""
    plain = [_MARKERS.sub("", line).strip().strip("\"'").strip() for line in lines]
    plain = [_TAG.sub("", line) for line in plain]
    while plain and not plain[0]:
        plain.pop(0)
    paragraph: list[str] = []
    for line in plain:
        if not line or _OTHER_TAG.match(line):
            break
        paragraph.append(line)
    rest = plain[len(paragraph) :]
    text = _clean(" ".join(paragraph))
    first, *more = _END.split(text, maxsplit=1)
    return first.strip().rstrip(".:").strip(), " ".join([*more, *(_clean(line) for line in rest)]).strip()


def says_something(sentence: str, name: str, *, inline: bool) -> bool:
    """Whether a sentence is prose, and says more than the name of what it describes."""
    found = sentence.split()
    if not (MIN_INLINE_WORDS if inline else MIN_WORDS) <= len(found) <= MAX_WORDS or _NO_SENTENCE.search(sentence):
        return False
    told = [word.lower() for word in _WORD.findall(sentence)]
    if len(told) < 0.7 * len(found):
        return False
    known = {stem(word) for word in split_identifier(name)}
    telling = {stem(word) for word in told if word not in _PLAIN} - known
    return len(telling) >= 2


def _clean(text: str) -> str:
    text = _LINK.sub(lambda match: next((group for group in match.groups() if group), ""), text)
    return " ".join(_MARKUP.sub("", text).split())


def _remark(lines: Sequence[str], start: int, end: int, definition: Definition | None) -> Remark | None:
    sentence, rest = sentence_of(lines)
    name = definition.name if definition else ""
    first, _, others = sentence.partition(" ")
    if name and first.strip("'\"") == name:  # As Go's doc comments begin.
        sentence = others
    if not says_something(sentence, name, inline=definition is None):
        return None
    return Remark(start, end, sentence, rest, definition)


def _comments(language: str, tree: Any, lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield runs of lines that hold comments and nothing else, neighbouring line comments together."""
    query = " ".join(f"({kind}) @comment" for kind in COMMENTS[language].split())
    owned: list[int] = []
    for node in parse.run_captures(language, query, tree).get("comment", ()):
        row, column = node.start_point
        last, end_column = node.end_point
        last -= end_column == 0 and last > row
        if row < len(lines) and not lines[row][:column].strip():
            owned += range(row, min(last + 1, len(lines)))
    numbered = enumerate(sorted(set(owned)))
    for _, run in groupby(numbered, key=lambda pair: pair[1] - pair[0]):
        rows = [row for _, row in run]
        yield rows[0], rows[-1] + 1


def _docstring(definition: Definition) -> tuple[int, int] | None:
    body = definition.node.child_by_field_name("body") if definition.node else None
    if body is None and definition.node is not None:  # A decorated definition.
        inner = definition.node.child_by_field_name("definition")
        body = inner.child_by_field_name("body") if inner else None
    first = body.named_children[0] if body is not None and body.named_children else None
    if first is not None and first.type == "expression_statement":  # As older grammars have it.
        first = first.named_children[0] if first.named_children else None
    if first is None or first.type != "string":
        return None
    return first.start_point[0], first.end_point[0] + 1
