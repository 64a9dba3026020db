"""The shape of a definition, which is its tokens with all names, numbers and texts taken out, and its words. Pure.

Both are sets of hashes. Shapes of the same set of runs differ in nothing but names; words are what the names mean. That
tokens say as much of the shape as the syntax tree does was measured, see docs/decisions/0015-shapes-from-tokens.md.
"""

import re
import zlib
from collections.abc import Mapping
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from cognate.languages.registry import KEYWORDS, LANGUAGES
from cognate.words import identifiers, split_identifier, stem

RUN = 4
"""Tokens in a run."""

MIN_WORD_LETTERS = 3
"""Shorter words are loop variables and the like, which any code may have."""

Hashes = NDArray[np.uint32]
"""A set: sorted, each once."""

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""' r"|'''(?:[^\\]|\\.)*?'''"
    r"|/\*.*?\*/|//[^\n]*|#\s[^\n]*"
    r"|[^\W\d]\w*|\d[\w.]*"
    r'|"(?:[^"\\\n]|\\.)*"' r"|'(?:[^'\\\n]|\\.)*'"
    r"|[^\w\s]",
    re.DOTALL,
)  # fmt: skip
"""Strings, comments in the ways that most languages write them, names, numbers, and everything else by character."""

_NAME, _NUMBER, _STRING = 1, 2, 3
_CODES = {word: 256 + number for number, word in enumerate(sorted(KEYWORDS))}  # Below: characters.
_PLACES = np.array([2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263], np.uint32)  # One a token of a run.


def tokens_of(text: str, language: str) -> list[int]:
    """Return a text's tokens without its comments, as numbers: all names are one, and several in a row count once."""
    codes: list[int] = []
    keywords = _codes_of(language)
    last = 0
    for token in _TOKEN.findall(text):
        code = keywords.get(token)
        if code is None:
            first = token[0]
            if first.isalpha() or first == "_":
                if last == _NAME:
                    continue
                code = _NAME
            elif len(token) == 1:
                code = _NUMBER if first.isdigit() else ord(first) & 255
            elif first in "/#":
                continue
            else:
                code = _NUMBER if first.isdigit() else _STRING
        codes.append(code)
        last = code
    return codes


@cache
def _codes_of(language: str) -> Mapping[str, int]:
    """Return the keywords of a language with their numbers; all that there are where its own are not known."""
    own = LANGUAGES[language].keywords if language in LANGUAGES else frozenset[str]()
    return {word: _CODES[word] for word in own} or _CODES


def shape_of(tokens: list[int]) -> Hashes:
    """Return all runs of tokens that follow each other."""
    codes = np.array(tokens + [0] * (RUN - len(tokens)), np.uint32)
    count = len(codes) - RUN + 1
    runs = codes[:count] * _PLACES[0]
    for place in range(1, RUN):
        runs += codes[place : place + count] * _PLACES[place]
    return np.unique(mixed(runs))


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
