"""What somebody asks the history, in words, with a pasted title, or with a diff; and what a commit says. Pure."""

import re
from dataclasses import dataclass

from cognate.commits import Commit
from cognate.history.log import words_in
from cognate.words import STOP_WORDS, stem, words

MOST_WORDS = 32
"""Distinct words of a question that count; of a diff, those that are rarest in the history."""

FEW_WORDS = 3
MOST_CHARACTERS = 80  # Of a message that is compared by meaning.

_HEADER = re.compile(r"^(?:diff --git |index [0-9a-f]+\.\.|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@)", re.MULTILINE)
_FILE = re.compile(r"^(?:\+\+\+ b/|--- a/|rename (?:from|to) )(.+?)\t?$", re.MULTILINE)
_CHANGED = re.compile(r"^[+-](?![+-]{2} (?:[ab]/|/dev/null))(.*)$", re.MULTILINE)
_LEAST_CHANGED = 2

_PREFIX = re.compile(r"^\s*(?:\[[\w .-]+\]\s*)?(?:[a-z]+(?:\([\w ./,-]+\))?!?:\s+)?", re.IGNORECASE)
_ISSUE = re.compile(r"\s*\(?(?:gh-|#)\d+\)?\s*$", re.IGNORECASE)

_KIND = re.compile(
    r"^\s*(?:(?:build|chore|ci|deps|docs|feat|feature|fix|perf|refactor|revert|style|test)(?:\([\w ./,-]+\))?!?:\s|"
    r"[a-z]+\([\w ./,-]+\)!?:\s)",
    re.IGNORECASE,
)
LEAST = 3
"""Words that a title has more than, its marks among them: ``#123`` alone asks for a number."""

_HISTORICAL = frozenset(
    {"add", "chang", "commit", "ever", "first", "histori", "introduc", "last", "no", "now", "sinc", "start", "stop",
     "then", "until"}
)  # fmt: skip
"""Words of questions about a history that say nothing about which commit is meant."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for.

    Attributes:
        text: what is compared by meaning; empty for a diff.
        terms: stemmed words, each once.
        files: those that a pasted diff changes.
    """

    text: str
    terms: tuple[str, ...]
    files: tuple[str, ...] = ()


def read_question(query: str) -> Question:
    """Return what a query asks: a diff is recognised by its shape, a title loses its prefix and its issue's number."""
    if is_diff(query):
        code = "\n".join(_CHANGED.findall(query))
        files = tuple(dict.fromkeys(path for path in _FILE.findall(query) if path != "/dev/null"))
        return Question("", tuple(words_in(code.encode("utf-8", "replace")).split()), files)
    text = without_marks(query)
    return Question(text, terms_in(text) or terms_in(query))


def is_diff(text: str) -> bool:
    """Return whether a text has the shape of a diff."""
    return bool(_HEADER.search(text)) and len(_CHANGED.findall(text)) >= _LEAST_CHANGED


def without_marks(title: str) -> str:
    """Return a title without what tells its kind or its issue, such as ``fix(cli):`` or ``(#123)``."""
    first, *rest = title.strip().split("\n")
    short = _ISSUE.sub("", _PREFIX.sub("", first))
    return "\n".join([short if len(short.split()) > 1 else first, *rest]).strip()


def is_title(query: str) -> bool:
    """Return whether a query is the title of a commit or an issue, by its prefix or its issue's number."""
    return "\n" not in query.strip() and bool(_ISSUE.search(query) or _KIND.match(query)) and len(query.split()) > LEAST


def message_text(commit: Commit) -> str:
    """Return what is compared of a commit by meaning: its subject, and what follows where that is hardly one.

    It says what the commit is about, in a tenth of the time of a paragraph; what the rest says is found by words.
    """
    subject = without_marks(commit.subject)
    text = subject if len(subject.split()) >= FEW_WORDS else f"{subject} {commit.body}"
    return text[:MOST_CHARACTERS].strip()


def terms_in(text: str) -> tuple[str, ...]:
    """Return the stemmed words of a text that say something about which commit is meant."""
    found = dict.fromkeys(stem(word) for word in words(text) if word not in STOP_WORDS)
    telling = [term for term in found if term not in _HISTORICAL]
    return tuple(telling or found)[:MOST_WORDS]
