"""Identifiers and prose to words: splitting, stop words, light stemming.

The lexical index, the embedding text and the ranking must agree on what a word is, so it is said once, here.
Pure functions; results are cached by identifier, since splitting costs more than indexing.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

IDENTIFIER = re.compile(r"[A-Za-z_$\u00c0-\uffff][\w$]*|\d+")
"""A run that a programmer would call one name, or a number."""

_UPPER, _LOWER = "A-Z\u00c0-\u00de", "a-z\u00df-\uffff"
_PARTS = re.compile(rf"[{_UPPER}]+(?=[{_UPPER}][{_LOWER}])|[{_UPPER}]?[{_LOWER}]+|[{_UPPER}]+|\d+")

_SPACED = bytes(code if chr(code).isascii() and re.match(r"[\w$]", chr(code)) else 0x20 for code in range(256))
"""ASCII with a space for all that is no part of a name."""

_CACHE_SIZE = 1 << 17  # Distinct identifiers of a repository of a few million lines; about 30 MB when full.

STOP_WORDS = frozenset(
    {
        "a", "an", "and", "any", "are", "as", "at", "be", "by", "can", "did", "do", "does", "find", "for", "from",
        "get", "gets", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "of", "on", "or",
        "our", "show", "that", "the", "their", "there", "these", "this", "those", "to", "use", "used", "uses",
        "using", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would",
        "you", "your",
    }
)  # fmt: skip
"""English words that say nothing about which code is meant; dropped from queries, never from code."""


@lru_cache(maxsize=_CACHE_SIZE)
def split_identifier(identifier: str) -> tuple[str, ...]:
    """Split one identifier at case, digits and ``_``, lower-cased: ``parseHTTPUrl2`` → parse, http, url, 2."""
    return tuple(part.lower() for part in _PARTS.findall(identifier))


_JOINTS = re.compile(r"(?<=[^\W_])[_-]+(?=[^\W_])")


@lru_cache(maxsize=_CACHE_SIZE)
def name_key(name: str) -> str:
    """Return what a name is however its words are joined: ``get_adapter``, ``getAdapter``, ``get-adapter`` are one.

    What a name begins or ends with stays, as ``_load`` is not ``load``; Ruby's ``?`` and ``!`` do not count.
    """
    return _JOINTS.sub("", name).rstrip("!?").lower() or name.lower()


def stands_whole(piece: str, text: str) -> bool:
    """Return whether a piece of code stands in a text, and not as part of a longer name."""
    return bool(_whole(piece).search(text))


@lru_cache(maxsize=256)
def _whole(piece: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w$]){re.escape(piece)}(?![\w$])")


def identifiers(text: str) -> list[str]:
    """Return every identifier and number of the text, in order, as written."""
    if not text.isascii():
        return IDENTIFIER.findall(text)
    found = text.encode().translate(_SPACED).decode().split()  # In half the time of the pattern.
    for run in found:
        if "/" < run < ":" and not run.isdigit():  # It begins with a number: 0xff is two.
            return IDENTIFIER.findall(text)
    return found


def words(text: str) -> Iterator[str]:
    """Yield the lower-case words of the text, identifiers split."""
    for identifier in IDENTIFIER.findall(text):
        yield from split_identifier(identifier)


@lru_cache(maxsize=_CACHE_SIZE)
def stem(word: str) -> str:
    """Strip common English endings so that ``tokenizing``, ``tokenizes`` and ``tokenizer`` meet.

    A light suffix stripper in the spirit of Porter (1980): it never leaves fewer than three letters,
    and prefers to strip too little.
    """
    if len(word) <= 3 or not word.isascii():  # noqa: PLR2004
        return word
    for suffix, replacement in _SUFFIXES_BY_LAST_LETTER.get(word[-1], ()):
        if word.endswith(suffix) and len(word) - len(suffix) + len(replacement) >= 3:  # noqa: PLR2004
            return _undouble(word[: len(word) - len(suffix)] + replacement)
    return word


def root(stemmed: str) -> str:
    """Return the letters that every form of a stemmed word begins with: ``polic`` of polici, as of policy, policies."""
    return stemmed[:-1] if len(stemmed) > 3 and stemmed.endswith("i") else stemmed  # noqa: PLR2004


def edit_distance(one: str, other: str, limit: int) -> int:
    """Return how many letters to insert, drop, change or swap with the next make one word the other.

    More than ``limit`` may be returned as ``limit + 1``. Optimal string alignment (Damerau, 1964).
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one):
        last, before, row = before, row, [i + 1]
        for j, b in enumerate(other):
            cost = min(before[j] + (a != b), before[j + 1] + 1, row[j] + 1)
            if i and j and a == other[j - 1] and b == one[i - 1]:
                cost = min(cost, last[j - 1] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words two sequences have in common from their beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


_SUFFIXES = (
    ("izations", "iz"), ("ization", "iz"), ("izers", "iz"), ("izer", "iz"), ("izing", "iz"), ("izes", "iz"),
    ("ized", "iz"), ("ize", "iz"),
    ("ations", ""), ("ation", ""), ("ators", ""), ("ator", ""), ("ating", ""), ("ates", ""),
    ("ated", ""), ("ate", ""),
    ("ities", "iti"), ("ity", "iti"), ("nesses", ""), ("ness", ""), ("ments", ""), ("ment", ""),
    ("ings", ""), ("ing", ""), ("ions", ""), ("ion", ""), ("iers", "i"), ("ier", "i"), ("ies", "i"), ("ied", "i"),
    ("ers", ""), ("er", ""), ("ors", ""), ("or", ""), ("ably", ""), ("able", ""), ("ly", ""),
    ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("ed", ""), ("es", ""), ("ss", "ss"), ("s", ""),
    ("e", ""), ("y", "i"),
)  # fmt: skip

_SUFFIXES_BY_LAST_LETTER = {
    letter: tuple(rule for rule in _SUFFIXES if rule[0].endswith(letter)) for letter in {s[-1] for s, _ in _SUFFIXES}
}
"""A word can only have the endings that share its last letter; of a folder's words most have none."""


def _undouble(word: str) -> str:
    """``runn`` → ``run``; ``pass`` and ``call`` stay."""
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":  # noqa: PLR2004
        return word[:-1]
    return word
