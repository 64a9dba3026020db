"""Which files are worth indexing, and the one rule that decides: ignore files, attributes, built-in patterns, size.

Reads ignore files and git's index as folders are asked about, never source files. Used by the writer thread;
``explain`` and the watcher make rules of their own. Precedence, strongest first: ``.cognateignore`` from the innermost
folder out; the ``exclude`` setting; what git ignores, unless it tracks it (``.gitignore``, ``.git/info/exclude``, the
user's global excludes); ``.gitattributes``; built-in patterns. docs/indexing.md says it for users.
"""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from cognate.types import FileStamp
from cognate.workspace import patterns
from cognate.workspace.folder_rules import (
    BUILT_IN,
    GIT,
    INCLUDED,
    OWN,
    SETTING,
    Attributes,
    Decision,
    FolderRules,
    Source,
    Verdict,
    shown,
)
from cognate.workspace.git_folders import GitFolder, decoded, git_folder, read_small_file, repository_around
from cognate.workspace.patterns import patterns_of, read_attributes, read_patterns
from cognate.workspace.repository import NOTHING_TRACKED, Tracked, global_excludes, submodule_paths, tracked_files

IGNORE_FILES = frozenset({".gitignore", ".cognateignore", ".gitattributes", ".gitmodules"})
"""Names of files whose change can change what is indexed."""

_RULE_NAMES = IGNORE_FILES | {".git"}
_EXCLUDE_OF_GIT = re.compile(r"(^|/)\.git/(.*/)?info/exclude\Z", re.DOTALL)
_INDEX_OF_GIT = re.compile(r"(^|/)\.git/(.*/)?index\Z", re.DOTALL)

MOST_FOLDERS, LONGEST_PATH = 1000, 32_767
"""No system allows deeper or longer paths, but a client may name them; nothing is remembered of those."""

WORKTREES = "worktrees"
WORKTREE_RULE = "is another worktree of the repository around it (built-in rule)."

CELLS_RULE = "Its cells have"
"""How the rule begins by which a notebook is left out that had to be read to tell."""

TOO_DEEP = Verdict(
    False, f"It lies deeper than {MOST_FOLDERS:,} folders, or its path is longer than any system allows."
)
NAME_IS_NOT_TEXT = Verdict(False, "Its name, or that of a folder it lies in, is not valid Unicode.")


class Rules:
    """The rules of one workspace folder, read as they are needed; make new ones when ``outdated_by`` says so."""

    def __init__(self, folder: Path, exclude: Sequence[str], max_file_bytes: int) -> None:
        self._folder = str(folder)
        self._max_file_bytes = max_file_bytes
        self._outside: list[Path] = []
        self._indexes: dict[str, tuple[bytes, Tracked]] = {}
        self._global = self._global_source(folder)
        around = self._around(folder.resolve())
        self._path, self._begin = around.path, len(around.path)
        setting = Source("setting exclude", SETTING, len(around.path), patterns_of(exclude))
        begin = replace(around, own=(setting,) if setting.patterns.patterns else ())
        self._folders: dict[str, FolderRules] = {"": self._with_files(begin, self._folder, "")}
        self._judged: dict[str, FolderRules] = {}  # Without the rule files that lie in them, until ``enter``.

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
        """Return the verdict on a file of a size in bytes."""
        parent, _, text = path.rpartition("/")
        folder = self._folders.get(parent) or self._at(parent)
        if not folder.verdict.included:
            return folder.verdict
        name = _encoded(text)
        if isinstance(name, Verdict):
            return name
        is_tracked = name in folder.names
        if folder.left_out is None:
            decision = folder.decide(name, is_folder=False, is_tracked=is_tracked)
        else:
            decision = folder.decide_beneath(folder.left_out, name, is_folder=False, is_tracked=is_tracked)
        if decision is not None and decision.out:
            return Verdict(False, str(decision))
        mine = decision is not None and (
            decision.rank[0] >= SETTING or decision.attribute == patterns.LINGUIST_GENERATED
        )
        return self._sized(path, size, re_included=mine) or (
            INCLUDED if decision is None else Verdict(True, str(decision), mine)
        )

    def explained(self, path: str, size: int) -> Verdict:
        """Return the verdict on a file, which also says if the file counts only because git tracks it."""
        verdict = self.file(path, size)
        ignored = self._ignored_by_git(path) if verdict is INCLUDED else None
        return verdict if ignored is None else Verdict(True, f"Git tracks it. Otherwise: {ignored}")

    def outdated_by(self, path: str) -> bool:
        """Return whether a change of the file at a path, with ``/``, may change what is indexed elsewhere."""
        return is_rule_file(path) or (_INDEX_OF_GIT.search(path) is not None and self.index_changed())

    def index_changed(self) -> bool:
        """Return whether git began or ceased to track files that match its ignore rules. Reads an index if it is new.

        Most changes of an index concern no such file: ``git status`` writes it, too.
        """
        changed = False
        for index, (root, before) in self._indexes.items():
            if FileStamp.at(index) != before.stamp:
                now = tracked_files(index)
                self._indexes[index] = (root, now)
                found = (root + path for path in before.differing(now))
                inside = (decoded(path[self._begin :]) for path in found if path.startswith(self._path))
                changed |= any(self._ignored_by_git(path) is not None for path in inside)
        return changed

    def _ignored_by_git(self, path: str) -> Decision | None:
        """Return the rule by which git ignores a file unless it tracks it."""
        parent, _, text = path.rpartition("/")
        folder, name = self._at(parent), _encoded(text)
        if folder.left_out is not None and folder.left_out.rank[0] == GIT:
            return folder.left_out
        if isinstance(name, Verdict) or not folder.verdict.included:
            return None
        decision = folder.git_decision(folder.path + name, name, is_folder=False)
        return decision if decision is not None and decision.out else None

    def has_cells_to_size(self, path: str, size: int) -> bool:
        """Return whether a file is a notebook so large that it takes a look at its cells: outputs do not count."""
        return size > self._max_file_bytes and path.lower().endswith(patterns.NOTEBOOK_SUFFIX)

    def cells(self, size: int) -> Verdict | None:
        """Return the verdict on a notebook by the size of its cells in bytes, None if they are not too large."""
        limit = self._max_file_bytes
        too_large = f"{CELLS_RULE} {size:,} bytes without outputs, more than {limit:,} (setting maxFileBytes)."
        return Verdict(False, too_large) if size > limit else None

    def _sized(self, path: str, size: int, *, re_included: bool) -> Verdict | None:
        limit, name = self._max_file_bytes, "setting maxFileBytes"
        if self.has_cells_to_size(path, size):
            limit, name = max(limit, patterns.NOTEBOOK_LIMIT_BYTES), "built-in limit for notebooks with outputs"
        may_be_data = size > patterns.DATA_LIMIT_BYTES < limit and not re_included
        if may_be_data and PurePosixPath(path).suffix.lower() in patterns.DATA_SUFFIXES:
            limit, name = patterns.DATA_LIMIT_BYTES, "built-in limit for data files"
        return Verdict(False, f"It has {size:,} bytes, more than {limit:,} ({name}).") if size > limit else None

    def _at(self, path: str) -> FolderRules:
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

    def _inside(self, parent: FolderRules, path: str) -> FolderRules:
        """Return a folder in another, without the rule files that lie in it."""
        if not parent.verdict.included:
            return parent
        name = _encoded(path.rpartition("/")[2])
        if isinstance(name, Verdict):
            return replace(parent, verdict=name)
        whole = parent.path + name
        names = parent.tracked.folders.get(whole[parent.repository :])
        is_tracked = names is not None or name in parent.names  # One of these names is a submodule's.
        left_out, reaches, ignored, subject = parent.left_out, parent.reaches, parent.ignored, _folder_named(path)
        if left_out is None:
            decision = parent.decide(name, is_folder=True, is_tracked=is_tracked)
            if decision is not None and decision is not ignored:
                decision = replace(decision, subject=subject)
            if decision is not None and decision.out:
                left_out, reaches = decision, tuple(parent.reaching_into(whole, decision))
            elif decision is not None and decision.rank[0] >= SETTING:
                ignored = None
            elif is_tracked and ignored is None:
                found = parent.git_decision(whole, name, is_folder=True)
                ignored = replace(found, subject=subject) if found is not None and found.out else None
        else:
            decision = parent.decide_beneath(left_out, name, is_folder=True, is_tracked=is_tracked)
            reaches = tuple(r for r in reaches if r.decision.rank > decision.rank and r.into(whole))
            if decision is not left_out:
                decision = replace(decision, subject=subject)
            left_out = decision if decision.out else None
        if left_out is None:
            verdict = INCLUDED if decision is None else Verdict(True, str(replace(decision, subject=subject)))
        else:
            verdict = Verdict(bool(reaches), str(left_out))
        taken_back = decision is not None and not decision.out and decision.rank[0] >= SETTING
        return FolderRules(
            whole + b"/", verdict, parent.own, parent.git, parent.attributes, left_out, reaches if left_out else (),
            ignored, parent.repository, parent.tracked, names or frozenset(), parent.submodules, parent.checkout,
            parent.taken_back or taken_back,
        )  # fmt: skip

    def _with_files(
        self, folder: FolderRules, directory: str, label: str, names: Collection[str] | None = None
    ) -> FolderRules:
        """Return a folder with the rule files that lie in it, where a repository may begin.

        Args:
            folder: without them.
            directory: where it is.
            label: what stands before a file's name, for people.
            names: all names in it, if they are known.
        """
        if names is not None and _RULE_NAMES.isdisjoint(names) and not folder.submodules:
            return folder
        begin = len(folder.path)
        private = git_folder(directory)
        if private is not None and private.identity == folder.checkout:
            folder = _without_worktree(folder, label)
            if not folder.verdict.included:
                return folder
        if private is not None or folder.path[folder.repository : -1] in folder.submodules:
            folder = self._repository(folder, directory, label, private)
        data = read_small_file(f"{directory}/.gitattributes")
        lists = read_attributes(data) if data else {}
        return replace(
            folder,
            own=(*_ignore_source(f"{directory}/.cognateignore", f"{label}.cognateignore", OWN, begin), *folder.own),
            git=(*_ignore_source(f"{directory}/.gitignore", f"{label}.gitignore", GIT, begin), *folder.git),
            attributes=(*([Attributes(f"{label}.gitattributes", begin, lists)] if lists else ()), *folder.attributes),
        )

    def _repository(self, folder: FolderRules, directory: str, label: str, private: GitFolder | None) -> FolderRules:
        """Return a folder as the root of a repository, in which the ignore files of the one around it do not count."""
        git, tracked = self._global, NOTHING_TRACKED
        if private is not None:
            exclude, index = f"{private.shared}/info/exclude", f"{private.own}/index"
            git = (*_ignore_source(exclude, f"{label}.git/info/exclude", GIT, len(folder.path)), *git)
            tracked = tracked_files(index)
            self._indexes[index] = (folder.path, tracked)
            if not exclude.startswith(f"{self._folder}/"):
                self._outside.append(Path(exclude))
        return replace(
            folder, git=git, attributes=(), ignored=None, repository=len(folder.path), tracked=tracked,
            names=tracked.folders.get(b"", frozenset()),
            submodules=submodule_paths(read_small_file(f"{directory}/.gitmodules") or b""),
            checkout=private.identity if private is not None else "",
        )  # fmt: skip

    def _around(self, folder: Path) -> FolderRules:
        """Return what the repository that a workspace folder lies in says of what is in the folder.

        Nothing, where the repository ignores the folder itself: its content is then no business of that repository's.
        """
        nothing = FolderRules(b"", git=self._global)
        around = None if git_folder(str(folder)) is not None else repository_around(str(folder.parent))
        if around is None:
            return nothing
        root = Path(around)
        parts = folder.relative_to(root).parts
        known, n_outside = nothing, len(self._outside)
        for i, part in enumerate(parts):
            directory, name = root.joinpath(*parts[:i]), os.fsencode(part)
            self._outside += [directory / file for file in (".gitignore", ".gitattributes")]
            known = self._with_files(known, str(directory), "../" * (len(parts) - i))
            decision = known.git_decision(known.path + name, name, is_folder=True)
            if decision is not None and decision.out:
                del self._outside[n_outside:]
                self._indexes.clear()
                return nothing
            path = known.path + name
            known = replace(known, path=path + b"/", own=(), names=known.tracked.folders.get(path, frozenset()))
        # Where the repository has no file in the folder, worktrees in there are no copies of anything in the folder.
        return known if known.path[known.repository : -1] in known.tracked.folders else replace(known, checkout="")

    def _global_source(self, folder: Path) -> tuple[Source, ...]:
        path = global_excludes(folder)
        if path is None:
            return ()
        self._outside.append(path)
        return _ignore_source(str(path), f"the global git excludes ({shown(str(path))})", GIT, 0, follow=True)


def is_rule_file(path: str) -> bool:
    """Return whether the file at a path, with ``/``, is one that rules stand in."""
    return path.rpartition("/")[2] in IGNORE_FILES or _EXCLUDE_OF_GIT.search(path) is not None


def _ignore_source(path: str, label: str, layer: int, begin: int, *, follow: bool = False) -> tuple[Source, ...]:
    """Return the source that a file is, or nothing where there is no such file or nothing in it."""
    data = read_small_file(path, follow=follow)
    found = read_patterns(data) if data else None
    return (Source(label, layer, begin, found),) if found is not None and found.patterns else ()


def _without_worktree(folder: FolderRules, label: str) -> FolderRules:
    """Leave out a further worktree of the repository that a folder lies in, unless a rule of the user's takes it back.

    Its files are those of the first once more, at another commit.
    """
    if folder.taken_back or folder.left_out is not None:
        return folder
    rank = (BUILT_IN, 0, 0)
    decision = Decision(True, "", "", rank, WORKTREES, subject=_folder_named(label[:-1]), sentence=WORKTREE_RULE)
    reaches = tuple(folder.reaching_into(folder.path[:-1], decision))
    return replace(folder, verdict=Verdict(bool(reaches), str(decision)), left_out=decision, reaches=reaches)


def _folder_named(path: str) -> str:
    return f"Folder {shown(path)}"


def _encoded(name: str) -> bytes | Verdict:
    """Return a name as bytes, or why no file of such a name is ever indexed."""
    try:
        inner = name.encode("utf-8")
    except UnicodeEncodeError:
        return NAME_IS_NOT_TEXT
    if inner in patterns.VERSION_CONTROL:
        return Verdict(False, f"'{name}' belongs to version control (built-in rule); nothing takes it back.")
    return inner
