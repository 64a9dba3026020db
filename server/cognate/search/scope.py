"""Turns a scope into the files and chunks it allows, before any top k is taken. Any thread, one snapshot."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from cognate.errors import InvalidRequestError
from cognate.index.snapshot import Snapshot
from cognate.languages.registry import with_dialects
from cognate.types import ChunkId, Scope
from cognate.words import stem

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

READ_AT_ONCE = 500  # Chunks held in memory while phrases are looked for.

_GLOB = re.compile(r"[*?\[]")
_WHOLE_WORD = re.compile(r"(?<=[^\w$])[A-Za-z]+(?=[^\w$])")
"""A word of a phrase with something before and after it, so that it is no part of a longer one in the text. Words of
other characters than plain letters may be split otherwise in the text than they would be here."""


def allowed_chunks(snapshot: Snapshot, scope: Scope) -> frozenset[ChunkId] | None:
    """Return the chunks inside a scope, or None when it limits nothing.

    Raises:
        InvalidRequestError: when a glob cannot be read.
    """
    if scope.is_everything:
        return None
    languages = with_dialects(scope.languages)
    include, exclude = _spec(scope.include), _spec(scope.exclude)
    allowed = [
        number
        for path in snapshot.paths()
        if (include is None or include.match_file(path))
        and not (exclude is not None and exclude.match_file(path))
        and not (languages and snapshot.files[path].language not in languages)
        for number in snapshot.ids_in(path)
    ]
    return frozenset(_with_phrases(snapshot, allowed, scope.phrases) if scope.phrases else allowed)


def _with_phrases(snapshot: Snapshot, allowed: Sequence[ChunkId], phrases: Sequence[str]) -> Iterator[ChunkId]:
    """Yield the chunks whose text holds all phrases; only those are read that have the rarest whole word of these."""
    words = [stem(word.lower()) for phrase in phrases for word in _WHOLE_WORD.findall(phrase)]
    if words and allowed:
        rarest = min(words, key=snapshot.lexical.document_frequency)
        holding = snapshot.lexical.score_chunks(
            {rarest: 1.0}, {"body": 1.0}, snapshot.n_chunks + snapshot.lexical.n_chunks
        )
        allowed = [number for number in allowed if number in holding]
    lowered = [phrase.lower() for phrase in phrases]
    for start in range(0, len(allowed), READ_AT_ONCE):
        for record in snapshot.read(allowed[start : start + READ_AT_ONCE]):
            text = record.chunk.text.lower()
            if all(phrase in text for phrase in lowered):
                yield record.id


def _spec(patterns: Sequence[str]) -> "GitIgnoreSpec | None":
    """Compile globs; a pattern without glob characters also matches as a piece of the path, as people type it."""
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - a shell's search imports it for nothing

    lines: list[str] = []
    for pattern in patterns:
        clean = pattern.strip().removeprefix("./")
        if not clean:
            continue
        lines.append(clean)
        if not _GLOB.search(clean) and not clean.endswith("/"):
            lines.append(f"*{clean}*" if "/" not in clean else f"**/{clean.lstrip('/')}*")
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError as error:
        raise InvalidRequestError(f"The pattern {', '.join(patterns)} cannot be read: {error}.") from error
