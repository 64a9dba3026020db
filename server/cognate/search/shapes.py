"""The shape of a definition, which is its tokens with all names, numbers and texts taken out, and its words. Pure.

Both are sets of hashes. Shapes of the same set of runs differ in nothing but names; words are what the names mean. That
tokens say as much of the shape as the syntax tree does was measured, see docs/decisions/0017-shapes-from-tokens.md.
"""

import re
import zlib
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from cognate.languages.registry import KEYWORDS, entry_of
from cognate.words import identifiers, split_identifier, stem

RUN = 4
"""Tokens in a run."""

MIN_WORD_LETTERS = 3
"""Shorter words are loop variables and the like, which any code may have."""

Hashes = NDArray[np.uint32]
"""A set: sorted, each once."""

Tokens = NDArray[np.uint32]
"""Of a text, in order."""

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""' r"|'''(?:[^\\]|\\.)*?'''"
    r"|/\*.*?\*/|//[^\n]*|#\s[^\n]*"
    r"|[^\W\d]\w*|\d[\w.]*"
    r'|"(?:[^"\\\n]|\\.)*"' r"|'(?:[^'\\\n]|\\.)*'"
    r"|[^\w\s]",
    re.DOTALL,
)  # fmt: skip
"""Strings, comments in the ways that most languages write them, names, numbers, and everything else by character."""

_COMMENT, _NAME, _NUMBER, _STRING = range(4)
_CODES = {word: 256 + number for number, word in enumerate(sorted(KEYWORDS))}  # Below: characters.
_PLACES = np.array([2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263], np.uint32)  # One a token of a run.

REMEMBERED = 1 << 17
"""Tokens of a language that are looked up rather than looked at, some 10 MB."""


class _Codes(dict[str, int]):
    """The number of each token."""

    def __missing__(self, token: str) -> int:
        first = token[0]
        if first.isalpha() or first == "_":
            code = _NAME
        elif first.isdigit():
            code = _NUMBER
        elif len(token) == 1:
            return ord(first) & 255
        else:
            return _COMMENT if first in "/#" else _STRING
        if len(self) < REMEMBERED:
            self[token] = code
        return code


def tokens_of(text: str, language: str) -> Tokens:
    """Return a text's tokens without its comments, as numbers: all names are one, and several in a row count once."""
    codes = _codes_of(language)
    found = np.array([codes[token] for token in _TOKEN.findall(text)], np.uint32)
    found = found[found != _COMMENT]
    again = np.zeros(len(found), bool)
    again[1:] = (found[1:] == _NAME) & (found[:-1] == _NAME)
    return found[~again]


@cache
def _codes_of(language: str) -> _Codes:
    """Return the numbers of a language's keywords; of all that there are where its own are not known."""
    return _Codes({word: _CODES[word] for word in entry_of(language).keywords} or _CODES)


def shape_of(tokens: Tokens) -> Hashes:
    """Return all runs of tokens that follow each other."""
    if len(tokens) < RUN:
        tokens = np.pad(tokens, (0, RUN - len(tokens)))
    count = len(tokens) - RUN + 1
    runs = tokens[:count] * _PLACES[0]
    for place in range(1, RUN):
        runs += tokens[place : place + count] * _PLACES[place]
    runs = np.sort(mixed(runs))
    return runs[np.append(True, runs[1:] != runs[:-1])]


def words_of(text: str) -> Hashes:
    """Return the words of all names and comments."""
    found: set[int] = set()
    for identifier in set(identifiers(text)):
        found.update(_word_hashes(identifier))
    return np.array(sorted(found), np.uint32)


@lru_cache(maxsize=1 << 16)
def _word_hashes(identifier: str) -> tuple[int, ...]:
    telling = (word for word in split_identifier(identifier) if len(word) >= MIN_WORD_LETTERS and word not in KEYWORDS)
    return tuple(zlib.crc32(stem(word).encode("utf-8", "surrogatepass")) for word in telling)


def mixed(values: Hashes) -> Hashes:
    """Return hashes of hashes, so that near numbers are far from each other."""
    values = (values ^ (values >> np.uint32(16))) * np.uint32(0x45D9F3B)
    return values ^ (values >> np.uint32(16))


def in_common(one: Hashes, other: Hashes) -> float:
    """Return the share of two sets' members that both have, 0 to 1 (Jaccard)."""
    both = len(np.intersect1d(one, other, assume_unique=True))
    either = len(one) + len(other) - both
    return both / either if either else 0.0
