"""Other wordings of a question: what to ask a chat model for, and what its reply says. Pure; sends nothing.

The prompt is made of the question and the names of languages alone. Nothing is added out of a file; filters, and the
paths of a stack trace that was pasted, are taken out of the question.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from cognate.errors import InvalidRequestError

MOST_WORDINGS = 8
"""Other wordings of one question that are used."""

LONGEST = 200
"""Characters of a wording in a reply; a longer line is an explanation, or code."""

UNREADABLE = "The chat model's reply holds no other wordings."
"""What to tell where a reply was read and holds none."""

LONGEST_REPLY = 20_000

MOST_LANGUAGES = 5
"""Languages that a prompt names; the rest of a workspace says little about the question."""

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

_THOUGHT = "</think>"  # Ends what some models think aloud before they answer.
_FENCE = re.compile(r"^\s*```\w*\s*$")
_MARK = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):])\s+")
_AROUND = "\"'`“”«»* "


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is given: instructions, and the question."""

    system: str
    user: str


def prompt_for(query: str, languages: Mapping[str, int]) -> Prompt:
    """Return what to ask a chat model for other wordings of a query.

    Args:
        query: as it was typed.
        languages: how many of the workspace's files are in each language; those of data and text are not named
            beside those of code.

    Raises:
        InvalidRequestError: when the query has no words besides its filters.
    """
    # The wire needs the limits above, and no languages.
    from cognate.languages.registry import REFERENCES, query_text  # noqa: PLC0415
    from cognate.search.query import read_query  # noqa: PLC0415

    question = read_query(query).text
    if not any(character.isalnum() for character in question):
        raise InvalidRequestError("The query has no words that could be said in another way.")
    code = [language for language in languages if query_text(language, REFERENCES)] or list(languages)
    commonest = sorted(code, key=lambda language: (-languages[language], language))[:MOST_LANGUAGES]
    known = f"Languages of the project: {', '.join(commonest)}.\n" if commonest else ""
    return Prompt(_SYSTEM, f"{known}Question: {question}")


def read_reply(query: str, reply: str) -> tuple[str, ...]:
    """Return the wordings in a chat model's reply, at most MOST_WORDINGS; none where it cannot be read.

    A reply is lines, or a JSON list of strings, maybe as the field ``also`` of an object; where it has a fence, it is
    what the first fence holds. Marks of lists, quotation marks and what repeats the query are taken away.
    """
    return _distinct(query, _wordings(reply)) if len(reply) <= LONGEST_REPLY else ()


def _wordings(reply: str) -> list[str]:
    """Return the lines of a reply, or the strings of one that is JSON; none for JSON of another shape."""
    lines = _fenced(reply.rpartition(_THOUGHT)[2].splitlines())
    text = "\n".join(lines).strip()
    if not text.startswith(("[", "{", "<")):
        return lines
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return []  # Broken JSON, or a thought that was cut off.
    values = cast("dict[str, object]", parsed).get("also") if isinstance(parsed, dict) else parsed
    return (
        [value for value in cast("list[object]", values) if isinstance(value, str)] if isinstance(values, list) else []
    )


def _fenced(lines: list[str]) -> list[str]:
    """Return the lines inside the first fence, all where there is none."""
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    if not fences:
        return lines
    return lines[fences[0] + 1 : fences[1] if len(fences) > 1 else None]


def _distinct(query: str, lines: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for line in lines:
        shown = "".join(character if character.isprintable() else " " for character in line)
        wording = " ".join(_MARK.sub("", shown).split()).strip(_AROUND)
        if _is_wording(wording):
            found.setdefault(wording.lower(), wording)
    found.pop(" ".join(query.split()).lower(), None)
    return tuple(found.values())[:MOST_WORDINGS]


def _is_wording(line: str) -> bool:
    """Return whether a line can be searched for: it has letters, is not long, and does not introduce others."""
    return len(line) <= LONGEST and not line.endswith(":") and any(character.isalnum() for character in line)
