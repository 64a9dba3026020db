"""Turns a scope into the files and chunks it allows, before any top k is taken. Pure."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cognate.errors import InvalidRequestError
from cognate.index.snapshot import IndexSnapshot
from cognate.languages.registry import with_dialects
from cognate.types import ChunkId, Scope

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_GLOB = re.compile(r"[*?\[]")


def allowed_chunks(snapshot: IndexSnapshot, scope: Scope) -> frozenset[ChunkId] | None:
    """Return the chunks inside a scope, or None when it limits nothing.

    Raises:
        InvalidRequestError: when a glob cannot be read.
    """
    if scope.is_everything:
        return None
    languages = with_dialects(scope.languages)
    include, exclude = _spec(scope.include), _spec(scope.exclude)
    phrases = [phrase.lower() for phrase in scope.phrases]
    allowed: list[ChunkId] = []
    for path, ids in snapshot.by_path.items():
        if include is not None and not include.match_file(path):
            continue
        if exclude is not None and exclude.match_file(path):
            continue
        for number in ids:
            record = snapshot.records[number]
            if languages and record.language not in languages:
                continue
            if phrases:
                lowered = record.chunk.text.lower()
                if not all(phrase in lowered for phrase in phrases):
                    continue
            allowed.append(number)
    return frozenset(allowed)


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
