"""Turns scopes into the files and chunks they allow, before any top k is taken. Any thread, one snapshot."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognate.errors import InvalidRequestError
from cognate.index.entries import FileEntry
from cognate.index.snapshot import Snapshot
from cognate.languages.registry import NOTEBOOK, with_dialects
from cognate.types import ChunkId, Scope
from cognate.words import stem

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

READ_AT_ONCE = 500  # Chunks held in memory while phrases are looked for.

_GLOB = re.compile(r"[*?\[]")
_WHOLE_WORD = re.compile(r"(?<=[^\w$])[A-Za-z]+(?=[^\w$])")
"""A word of a phrase with something before and after it, so that it is no part of a longer one in the text. Words of
other characters than plain letters may be split otherwise in the text than they would be here."""


def allowed_chunks(snapshot: Snapshot, *scopes: Scope) -> frozenset[ChunkId] | None:
    """Return the chunks inside every one of some scopes, or None when they limit nothing.

    Raises:
        InvalidRequestError: when a glob cannot be read.
    """
    limits = [_Limit.of(scope) for scope in scopes if not scope.is_everything]
    if not limits:
        return None
    paths = [path for path in snapshot.paths() if all(limit.has_path(path) for limit in limits)]
    allowed = [number for path in paths for number in _in_languages(snapshot.files[path], limits)]
    phrases = [phrase for scope in scopes for phrase in scope.phrases]
    return frozenset(_with_phrases(snapshot, allowed, phrases) if phrases else allowed)


def path_test(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that says whether a path is like one of some patterns, as a scope's ``include`` has it.

    Raises:
        InvalidRequestError: when a glob cannot be read.
    """
    return _Limit.of(Scope(include=tuple(patterns))).has_path


@dataclass(frozen=True, slots=True)
class _Limit:
    """A scope, its patterns compiled and its languages by the names of their grammars."""

    include: "GitIgnoreSpec | None"
    exclude: "GitIgnoreSpec | None"
    languages: frozenset[str]
    without_languages: frozenset[str]

    @classmethod
    def of(cls, scope: Scope) -> "_Limit":
        """Read a scope."""
        languages, without = with_dialects(scope.languages), with_dialects(scope.without_languages)
        return cls(_spec(scope.include), _spec(scope.exclude), languages, without)

    def has_path(self, path: str) -> bool:
        """Return whether the patterns let a path through."""
        return (self.include is None or self.include.match_file(path)) and not (
            self.exclude is not None and self.exclude.match_file(path)
        )

    def has_languages(self, *languages: str) -> bool:
        """Return whether what is in all of these languages at once is let through."""
        return not self.without_languages.intersection(languages) and (
            not self.languages or not self.languages.isdisjoint(languages)
        )


def _in_languages(entry: FileEntry, limits: Sequence[_Limit]) -> Iterable[ChunkId]:
    """Return the chunks of a file that are in languages that may be; each cell of a notebook has one of its own."""
    if entry.language != NOTEBOOK:
        return entry.ids if all(limit.has_languages(entry.language) for limit in limits) else ()
    return [
        number
        for number, outline in entry.outlined()
        if all(limit.has_languages(entry.language, outline.language) for limit in limits)
    ]


def _with_phrases(snapshot: Snapshot, allowed: Sequence[ChunkId], phrases: Sequence[str]) -> Iterator[ChunkId]:
    """Yield the chunks whose text holds all phrases; only those are read that have the rarest whole word of these."""
    words = [stem(word.lower()) for phrase in phrases for word in _WHOLE_WORD.findall(phrase)]
    if words and allowed:
        rarest = min(words, key=snapshot.lexical.document_frequency)
        holding = snapshot.lexical.score_chunks([rarest], {"body": 1.0}, snapshot.n_chunks + snapshot.lexical.n_chunks)
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
