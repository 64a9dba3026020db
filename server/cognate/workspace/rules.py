"""Which files are worth indexing, and the one rule that decides: ignore files, attributes, built-in patterns, size.

Reads ignore files as folders are asked about, never source files. Used by the writer thread; ``explain`` may run on any
thread with rules of its own. Precedence, strongest first: ``.cognateignore`` from the innermost folder out, the
``exclude`` setting, ``.gitignore`` from the innermost folder of the repository out, ``.git/info/exclude``, the user's
global excludes, ``.gitattributes``, built-in patterns. docs/indexing.md says it for users.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from cognate.workspace.built_in import DATA_LIMIT_BYTES, DATA_SUFFIXES, VERSION_CONTROL
from cognate.workspace.gitattributes import GENERATED, read_attributes
from cognate.workspace.globs import Parts
from cognate.workspace.patterns import patterns_of, read_patterns
from cognate.workspace.repository import (
    git_folder,
    global_excludes,
    read_small_file,
    repository_around,
    submodule_paths,
)
from cognate.workspace.sources import (
    GIT,
    IGNORE_FILES,
    OWN,
    SETTING,
    AttributeSource,
    Decision,
    Reach,
    Source,
    Sources,
    is_rule_file,
    shown,
)

__all__ = ["IGNORE_FILES", "INCLUDED", "Rules", "Verdict", "is_rule_file", "shown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file may be indexed, and the rule that says so, as a sentence.

    Attributes:
        included: whether it may be indexed; of a folder, whether something in it may be.
        rule: the one rule that decided.
        vouched: a rule of the user's takes this very file back, so it is indexed even if it looks generated.
    """

    included: bool
    rule: str
    vouched: bool = False


INCLUDED = Verdict(True, "No rule leaves it out.")
_RULE_NAMES = IGNORE_FILES | {".git"}
MOST_FOLDERS, LONGEST_PATH = 1000, 32_767  # What a client may name exceeds what a system allows; no memory for that.
TOO_DEEP = Verdict(
    False, f"It lies deeper than {MOST_FOLDERS:,} folders, or its path is longer than any system allows."
)
NAME_IS_NOT_TEXT = Verdict(False, "Its name, or that of a folder it lies in, is not valid Unicode.")


@dataclass(frozen=True, slots=True)
class _Folder:
    """What holds for the files of one folder.

    Attributes:
        parts: its path from the root of the repository that the workspace folder lies in.
        verdict: on the folder.
        sources: what counts in it.
        left_out: the rule that leaves the folder out.
        reaches: what may take back something in it all the same.
        repository: how many of the parts lead to the innermost repository's root.
        submodules: paths of that repository's submodules, relative to its root.
    """

    parts: Parts
    verdict: Verdict
    sources: Sources
    left_out: Decision | None = None
    reaches: tuple[Reach, ...] = ()
    repository: int = 0
    submodules: frozenset[bytes] = frozenset()


class Rules:
    """The rules of one workspace folder, read as they are needed; make new ones when a rule file changes."""

    def __init__(self, folder: Path, exclude: Sequence[str], max_file_bytes: int) -> None:
        self._folder = str(folder)
        self._max_file_bytes = max_file_bytes
        self._outside: list[Path] = []
        self._global = self._global_source(folder)
        around = self._around(folder.resolve())
        patterns = patterns_of(exclude)
        setting = (Source("setting exclude", SETTING, len(around.parts), patterns),) if patterns.patterns else ()
        begin = replace(around, sources=replace(around.sources, own=setting))
        self._folders: dict[str, _Folder] = {"": self._with_files(begin, self._folder, "")}
        self._judged: dict[str, _Folder] = {}  # Without the rule files that lie in them, until ``enter``.

    @property
    def outside_files(self) -> tuple[Path, ...]:
        """Return rule files that count but lie outside the workspace folder, present or not."""
        return tuple(self._outside)

    def folder(self, path: str) -> Verdict:
        """Return the verdict on a folder: when it is left out, so is all that is in it."""
        return (self._folders.get(path) or self._at(path)).verdict

    def passes(self, path: str) -> bool:
        """Return whether something in a folder may be indexed, for whoever lists the folder next and calls ``enter``.

        Most folders hold no rule file; to look for each by name would take longer than all the rest of a walk.
        """
        known = self._folders.get(path)
        if known is None:
            known = self._judged[path] = self._inside(self._at(path.rpartition("/")[0]), path)
        return known.verdict.included

    def enter(self, path: str, names: Collection[str]) -> None:
        """Take note of the names that lie in a folder which passes."""
        judged = self._judged.pop(path, None)
        if judged is not None:
            self._folders[path] = self._with_files(judged, f"{self._folder}/{path}", path + "/", names)

    def file(self, path: str, size: int) -> Verdict:
        """Return the verdict on a file of so many bytes."""
        parent, _, name = path.rpartition("/")
        folder = self._folders.get(parent) or self._at(parent)
        if not folder.verdict.included:
            return folder.verdict
        parts = _with_name(folder.parts, name)
        if isinstance(parts, Verdict):
            return parts
        if folder.left_out is None:
            decision = folder.sources.decide(parts, is_folder=False)
        else:
            decision = folder.sources.decide_beneath(parts, folder.left_out, folder.reaches, is_folder=False)
            if decision is folder.left_out:
                return Verdict(False, folder.verdict.rule)
        if decision is not None and decision.out:
            return Verdict(False, decision.sentence("It"))
        vouched = decision is not None and (decision.rank[0] >= SETTING or decision.attribute == GENERATED)
        return self._sized(path, size, vouched=vouched) or (
            INCLUDED if decision is None else Verdict(True, decision.sentence("It"), vouched)
        )

    def _sized(self, path: str, size: int, *, vouched: bool) -> Verdict | None:
        limit, name = self._max_file_bytes, "setting maxFileBytes"
        if size > DATA_LIMIT_BYTES < limit and not vouched and PurePosixPath(path).suffix.lower() in DATA_SUFFIXES:
            limit, name = DATA_LIMIT_BYTES, "built-in limit for data files"
        return Verdict(False, f"It has {size:,} bytes, more than {limit:,} ({name}).") if size > limit else None

    def _at(self, path: str) -> _Folder:
        if len(path) > LONGEST_PATH or path.count("/") >= MOST_FOLDERS:
            return replace(self._folders[""], verdict=TOO_DEEP)
        missing: list[str] = []
        while path not in self._folders:
            missing.append(path)
            path = path.rpartition("/")[0]
        folder = self._folders[path]
        for inner in reversed(missing):
            folder = self._judged.pop(inner, None) or self._inside(folder, inner)
            if folder.verdict.included:
                folder = self._with_files(folder, f"{self._folder}/{inner}", inner + "/")
            self._folders[inner] = folder
        return folder

    def _inside(self, parent: _Folder, path: str) -> _Folder:
        """Return a folder in another, without the rule files that lie in it."""
        if not parent.verdict.included:
            return parent
        name = path.rpartition("/")[2]
        parts = _with_name(parent.parts, name)
        if isinstance(parts, Verdict):
            return _Folder(parent.parts, parts, parent.sources)
        left_out, reaches = parent.left_out, parent.reaches
        if left_out is None:
            decision = parent.sources.decide(parts, is_folder=True)
            if decision is not None and decision.out:
                left_out, reaches = decision, tuple(parent.sources.reaching_into(parts, decision))
        else:
            decision = parent.sources.decide_beneath(parts, left_out, reaches, is_folder=True)
            reaches = tuple(r for r in reaches if r.decision.rank > decision.rank and r.into(parts))
            left_out = decision if decision.out else None
        subject = f"Folder {shown(path)}"
        if left_out is None:
            verdict = INCLUDED if decision is None else Verdict(True, decision.sentence(subject))
        elif left_out is parent.left_out:
            verdict = Verdict(bool(reaches), parent.verdict.rule)
        else:
            verdict = Verdict(bool(reaches), left_out.sentence(subject))
        return _Folder(
            parts, verdict, parent.sources, left_out, reaches if left_out else (), parent.repository, parent.submodules
        )

    def _with_files(self, folder: _Folder, place: str, label: str, names: Collection[str] | None = None) -> _Folder:
        """Return a folder with the rule files that lie in it, where a repository may begin.

        Args:
            folder: without them.
            place: where it lies.
            label: what stands before a file's name, for people.
            names: all names in it, if they are known.
        """
        if names is not None and _RULE_NAMES.isdisjoint(names) and not folder.submodules:
            return folder
        sources = folder.sources
        git, attributes = sources.git, sources.attributes
        repository, submodules = folder.repository, folder.submodules
        depth = len(folder.parts)
        private = git_folder(place)
        if private is not None or b"/".join(folder.parts[repository:]) in submodules:
            git, attributes = self._global, ()
            repository = depth
            submodules = submodule_paths(read_small_file(f"{place}/.gitmodules") or b"")
        if private is not None:
            git = (*_ignore_source(f"{private}/info/exclude", f"{label}.git/info/exclude", GIT, depth), *git)
            if not f"{private}/".startswith(f"{self._folder}/"):
                self._outside.append(Path(private, "info", "exclude"))
        sources = Sources(
            (*_ignore_source(f"{place}/.cognateignore", f"{label}.cognateignore", OWN, depth), *sources.own),
            (*_ignore_source(f"{place}/.gitignore", f"{label}.gitignore", GIT, depth), *git),
            (*_attribute_source(f"{place}/.gitattributes", f"{label}.gitattributes", depth), *attributes),
        )
        return replace(folder, sources=sources, repository=repository, submodules=submodules)

    def _around(self, folder: Path) -> _Folder:
        """Return what the repository that a workspace folder lies in says of what is in the folder.

        Nothing, where the repository ignores the folder itself: its content is then no business of that repository's.
        """
        nothing = _Folder((), INCLUDED, Sources(git=self._global))
        root = None if git_folder(str(folder)) is not None else repository_around(folder.parent)
        if root is None:
            return nothing
        names = folder.relative_to(root).parts
        known, before = nothing, len(self._outside)
        for i, name in enumerate(names):
            place = root.joinpath(*names[:i])
            self._outside += [place / file for file in (".gitignore", ".gitattributes")]
            known = self._with_files(known, str(place), "../" * (len(names) - i))
            known = replace(known, parts=(*known.parts, os.fsencode(name)))
            found = (source.find(known.parts, is_folder=True) for source in known.sources.git)
            decision = next((decision for decision in found if decision is not None), None)
            if decision is not None and decision.out:
                del self._outside[before:]
                return nothing
        return known

    def _global_source(self, folder: Path) -> tuple[Source, ...]:
        path = global_excludes(folder)
        if path is None:
            return ()
        self._outside.append(path)
        return _ignore_source(str(path), f"the global git excludes ({shown(str(path))})", GIT, 0, follow=True)


def _ignore_source(path: str, label: str, layer: int, depth: int, *, follow: bool = False) -> tuple[Source, ...]:
    """Return the source that a file is, or nothing where there is no such file or nothing in it."""
    data = read_small_file(path, follow=follow)
    patterns = read_patterns(data) if data else None
    return (Source(label, layer, depth, patterns),) if patterns is not None and patterns.patterns else ()


def _attribute_source(path: str, label: str, depth: int) -> tuple[AttributeSource, ...]:
    data = read_small_file(path)
    lists = read_attributes(data) if data else {}
    return (AttributeSource(label, depth, lists),) if lists else ()


def _with_name(parts: Parts, name: str) -> Parts | Verdict:
    """Return a path with one name more, or why no file of such a name is ever indexed."""
    try:
        inner = name.encode("utf-8")
    except UnicodeEncodeError:
        return NAME_IS_NOT_TEXT
    if inner in VERSION_CONTROL:
        return Verdict(False, f"'{name}' belongs to version control (built-in rule); nothing takes it back.")
    return (*parts, inner)
