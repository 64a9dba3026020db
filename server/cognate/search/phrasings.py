"""Other wordings of a question: what to ask a chat model for, and what its reply says. Pure; sends nothing.

The prompt is made of the question and the names of languages alone. It never holds code, paths or names of files.
"""

import json
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

MOST_WORDINGS = 8
"""Other wordings of one question that are used."""

LONGEST = 200
"""Characters of a wording in a reply; a longer line is an explanation, or code."""

LONGEST_REPLY = 20_000

_SYSTEM = """\
You help a developer to find code in a project that you cannot see. A search engine compares a question with the \
project's source code by words and by meaning: with names of functions, classes and files, with comments and messages. \
The developer's question may use none of the words that the code uses.

Write three other wordings of the question, in the words of the people who wrote such code:
1. What the code does, in the technical terms of the field, as its comment or documentation would say it.
2. Names that such code is likely to have: functions, classes, variables, settings, two to five of them.
3. The mechanism behind it, in terms that the first two do not use.

Each wording has 3 to 14 words. Keep names that the question itself writes. If the question is only a name, say what \
such a thing does, and give names that are spelled differently. Answer with the three wordings, one on each line, and \
with nothing else: no numbers, no quotation marks, no explanation."""

_FENCE = re.compile(r"^\s*```\w*\s*$")
_MARK = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):])\s+")
_QUOTES = "\"'`“”«»"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is given: instructions, and the question."""

    system: str
    user: str


def prompt_for(query: str, languages: Sequence[str]) -> Prompt:
    """Return what to ask a chat model for other wordings of a query.

    Args:
        query: as it was typed.
        languages: the names of the workspace's languages, the commonest first.
    """
    known = f"Languages of the project: {', '.join(languages)}.\n" if languages else ""
    return Prompt(_SYSTEM, f"{known}Question: {' '.join(query.split())}")


def read_reply(query: str, reply: str) -> tuple[str, ...]:
    """Return the wordings in a chat model's reply, at most MOST_WORDINGS; none where it cannot be read.

    A reply is lines, or a JSON list of strings, maybe as the field ``also`` of an object. Marks of lists, quotation
    marks and what repeats the query are taken away.
    """
    lines = _from_json(reply) if len(reply) <= LONGEST_REPLY else []
    if lines is None:
        lines = [line for line in reply.splitlines() if not _FENCE.match(line)]
    found = _distinct(query, lines)
    if not found:
        log.warning("The chat model's reply holds no wording that can be used; the search goes on without.")
    return found


def _from_json(reply: str) -> list[str] | None:
    """Return the strings of a JSON reply, none for JSON of another shape, None for what is not meant as JSON."""
    text = "\n".join(line for line in reply.splitlines() if not _FENCE.match(line)).strip()
    if not text.startswith(("[", "{")):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return []
    values = cast("dict[str, object]", parsed).get("also") if isinstance(parsed, dict) else parsed
    if not isinstance(values, list):
        return []
    return [value for value in cast("list[object]", values) if isinstance(value, str)]


def _distinct(query: str, lines: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for line in lines:
        wording = " ".join(_MARK.sub("", line).split()).strip(_QUOTES).strip()
        if _is_wording(wording):
            found.setdefault(wording.lower(), wording)
    found.pop(" ".join(query.split()).lower(), None)
    return tuple(found.values())[:MOST_WORDINGS]


def _is_wording(line: str) -> bool:
    """Return whether a line can be searched for: it has letters, is not long, and does not introduce others."""
    return len(line) <= LONGEST and not line.endswith(":") and any(character.isalnum() for character in line)
