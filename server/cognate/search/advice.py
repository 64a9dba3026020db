"""What to say where filters leave nothing, or name a language that there is not. Any thread, one snapshot."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from cognate.index.snapshot import Snapshot
from cognate.languages.registry import LANGUAGES, is_language, language_name
from cognate.search.scope import allowed_chunks
from cognate.types import NO_ADVICE, Advice, Scope
from cognate.words import edit_distance

MOST_SUGGESTED = 3
MOST_LISTED = 5  # Languages or folders that the message names.
LETTERS_A_TYPO = 4  # A name may differ from what was typed by one letter for every four that it has.


def advice_on(snapshot: Snapshot, scopes: Sequence[Scope], *, has_hits: bool) -> Advice:
    """Return what is wrong with the filters of a question, if anything is.

    Args:
        snapshot: what was searched.
        scopes: all of which a chunk must pass.
        has_hits: whether some did and were answers; then only unknown languages are worth a word.
    """
    if not snapshot.n_chunks or all(scope.is_everything for scope in scopes):
        return NO_ADVICE
    present = Counter(_languages(snapshot))
    asked = sorted({language for scope in scopes for language in (*scope.languages, *scope.without_languages)})
    unknown = [name for name in asked if not is_language(name) and name.lower() not in present]
    if unknown:
        return _on_unknown(snapshot, unknown, present)
    if has_hits or allowed_chunks(snapshot, *scopes):
        return NO_ADVICE
    return _on_empty(snapshot, scopes, present)


def _on_unknown(snapshot: Snapshot, unknown: Sequence[str], present: Counter[str]) -> Advice:
    name = unknown[0]
    near = _nearest(name, dict.fromkeys((*present, *LANGUAGES)), len(name) // LETTERS_A_TYPO)
    by_suffix = [f"path:*.{name}"] if any(path.endswith(f".{name}") for path in snapshot.paths()) else []
    suggestions = (*by_suffix, *(f"lang:{language_name(other)}" for other in near))
    names = _listed([f"'{name}'" for name in unknown], "or")
    return Advice(f"No language known here is called {names}{_or(suggestions)}{_there_are(present)}", suggestions)


def _on_empty(snapshot: Snapshot, scopes: Sequence[Scope], present: Counter[str]) -> Advice:
    """Return which filter leaves nothing by itself, or that none does and they do together."""
    for scope in scopes:
        if scope.languages and not allowed_chunks(snapshot, Scope(languages=scope.languages)):
            names = _listed(sorted(map(language_name, scope.languages)), "or")
            suggestions = tuple(f"lang:{name}" for name, _ in present.most_common(MOST_SUGGESTED))
            return Advice(f"Nothing here is in {names}.{_there_are(present)}", suggestions)
        for pattern in scope.include:
            if not allowed_chunks(snapshot, Scope(include=(pattern,))):
                near = _paths_like(snapshot, pattern)
                suggestions = near or _largest_folders(snapshot)
                names = _listed(suggestions, "and")
                instead = _or(near) if near or not suggestions else f". The folder has {names}."
                return Advice(f"No indexed file matches {_path(pattern)}{instead}", suggestions)
        for phrase in scope.phrases:
            if not allowed_chunks(snapshot, Scope(phrases=(phrase,))):
                return Advice(f'"{phrase}" is nowhere in this folder. Its words are searched without the quotes.')
    written = [_spelled(scope) for scope in scopes if not scope.is_everything]
    return Advice(f"Nothing here passes all filters at once: {' '.join(written)}.")


def _languages(snapshot: Snapshot) -> Iterator[str]:
    return (snapshot.files[path].language for path in snapshot.paths())


def _there_are(present: Counter[str]) -> str:
    names = [name for name, _ in present.most_common(MOST_LISTED)]
    return f" The folder holds {_listed(names, 'and')}{', and more' if len(present) > MOST_LISTED else ''}."


def _or(suggestions: Sequence[str]) -> str:
    return f"; did you mean {_listed(suggestions, 'or')}?" if suggestions else "."


def _listed(names: Sequence[str], joint: str) -> str:
    return f" {joint} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _nearest(word: str, names: Iterable[str], limit: int) -> list[str]:
    """Return the names that are at most ``limit`` edits away from a word, the nearest first."""
    distances = [(edit_distance(word.lower(), name.lower(), limit), name) for name in names]
    return [name for distance, name in sorted(distances, key=lambda pair: pair[0]) if distance <= limit][
        :MOST_SUGGESTED
    ]


def _paths_like(snapshot: Snapshot, pattern: str) -> tuple[str, ...]:
    """Return filters for folders or files whose name is like the last of a pattern."""
    word = pattern.strip("/*").rpartition("/")[2].strip("*")
    parts = dict.fromkeys(part for path in snapshot.paths() for part in path.split("/"))
    near = _nearest(word, parts, max(1, len(word) // LETTERS_A_TYPO)) if word else []
    return tuple(map(_path, near))


def _largest_folders(snapshot: Snapshot) -> tuple[str, ...]:
    folders = Counter(path.partition("/")[0] for path in snapshot.paths() if "/" in path)
    return tuple(_path(f"{name}/") for name, _ in folders.most_common(MOST_SUGGESTED))


def _path(pattern: str) -> str:
    return f'path:"{pattern}"' if " " in pattern else f"path:{pattern}"


def _spelled(scope: Scope) -> str:
    """Return a scope as it is typed."""
    return " ".join(
        (
            *(f"lang:{','.join(sorted(names))}" for names in (scope.languages,) if names),
            *(f"-lang:{','.join(sorted(names))}" for names in (scope.without_languages,) if names),
            *map(_path, scope.include),
            *(f"-{_path(pattern)}" for pattern in scope.exclude),
            *(f'"{phrase}"' for phrase in scope.phrases),
        )
    )
