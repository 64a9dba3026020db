"""Which files of a workspace an import means. Pure; paths in, paths out.

No build file is read: what an import names is held against the paths that there are. An import that leads out of the
workspace finds nothing, and so must not be taken for a file that merely ends in the same word.
"""

import posixpath
from collections.abc import Iterable

from cognate.languages.registry import FOLDER_STEMS, entry_of

MAX_TARGETS = 4  # An import that fits more files than this fits none.
MAX_DROPPED = 2  # Parts at the end that may be symbols in the file: a type and its member.

_ROOTS = frozenset({"", "app", "include", "lib", "python", "source", "src"})
"""Folders from which imports begin in one language or another."""

PACKAGE_MARK = "__init__.py"
"""A folder with this file is a Python package, so that no import begins in it."""


class Modules:
    """The files of a workspace by what an import may call them."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], set[str]] = {}
        self._by_last: dict[tuple[str, str], set[str]] = {}
        self._packages: set[str] = set()

    def add(self, path: str, family: str) -> None:
        """Note a file."""
        for module in _modules_of(path, family):
            self._files.setdefault((family, module), set()).add(path)
            self._by_last.setdefault((family, posixpath.basename(module)), set()).add(module)
        if posixpath.basename(path) == PACKAGE_MARK:
            self._packages.add(posixpath.dirname(path))

    def remove(self, path: str, family: str) -> None:
        """Forget a file."""
        for module in _modules_of(path, family):
            files = self._files.get((family, module), set())
            files.discard(path)
            if not files:
                self._files.pop((family, module), None)
                key = (family, posixpath.basename(module))
                self._by_last.get(key, set()).discard(module)
                if not self._by_last.get(key):
                    self._by_last.pop(key, None)
        if posixpath.basename(path) == PACKAGE_MARK:
            self._packages.discard(posixpath.dirname(path))

    def resolve(self, importer: str, name: str, family: str) -> tuple[str, ...]:
        """Return the files that an import means, in order; none when it leads out of the workspace.

        Args:
            importer: the file that imports.
            name: as ``References.imports`` has it.
            family: of the importer.
        """
        folder = posixpath.dirname(importer)
        if name.startswith("."):
            found = self._relative(folder, name, family)
            if not found and entry_of(family).modules.else_anywhere:
                found = self._anywhere(folder, [name.removeprefix("./")], family)
        elif entry_of(family).modules.matched_by_end:
            found = self._by_ending(folder, name.split("/"), family)
        else:
            found = self._by_parts(folder, name.split("/"), family)
        return tuple(sorted(path for path in found if path != importer))

    def _relative(self, folder: str, name: str, family: str) -> set[str]:
        module = posixpath.normpath(posixpath.join(folder, name))
        if module.startswith(".."):
            return set()
        module = "" if module == "." else module
        found = self._files.get((family, module))
        if found is None and entry_of(family).modules.may_end_in_symbol:
            found = self._files.get((family, posixpath.dirname(module)))
        return found or set()

    def _by_parts(self, folder: str, parts: list[str], family: str) -> set[str]:
        """Look for all parts from a root on, the last ones left out if they must be."""
        naming = entry_of(family).modules
        if parts[0] in naming.outside:
            return set()
        names = ["/".join(parts[:end]) for end in range(len(parts), max(0, len(parts) - MAX_DROPPED - 1), -1)]
        found = self._anywhere(folder, names, family)
        if not found and naming.begins_with_crate and len(parts) > 1:
            found = self._by_parts(folder, parts[1:], family)
        return found

    def _anywhere(self, folder: str, names: Iterable[str], family: str) -> set[str]:
        for name in names:
            if entry_of(family).modules.one_word_is_a_package and "/" not in name:
                continue
            modules = self._by_last.get((family, posixpath.basename(name)), set())
            fitting = [m for m in modules if (m == name or m.endswith("/" + name)) and self._begins(m, name, folder)]
            if fitting:
                return self._nearest(folder, fitting, family)
        return set()

    def _begins(self, module: str, name: str, folder: str) -> bool:
        """Whether an import may begin where the module's own path does."""
        root = module[: len(module) - len(name)].rstrip("/")
        if root in self._packages:
            return False
        is_root = root == folder or posixpath.basename(root) in _ROOTS or module in self._packages
        return "/" in name or is_root

    def _by_ending(self, folder: str, parts: list[str], family: str) -> set[str]:
        """Look for the longest end of an import that is a whole path, or at least two parts of one."""
        modules = self._by_last.get((family, parts[-1]), set())
        for begin in range(len(parts)):
            name = "/".join(parts[begin:])
            fitting = [m for m in modules if m == name or ("/" in name and m.endswith("/" + name))]
            if fitting:
                return self._nearest(folder, fitting, family)
        return set()

    def _nearest(self, folder: str, modules: list[str], family: str) -> set[str]:
        """Return the files of the modules that share most of their path with the importer's folder."""
        if len(modules) > 1:
            shared = {module: len(posixpath.commonpath([folder, module])) for module in modules}
            best = max(shared.values())
            modules = [module for module in modules if shared[module] == best]
        if len(modules) > MAX_TARGETS:
            return set()
        return {path for module in modules for path in self._files[family, module]}


def _modules_of(path: str, family: str) -> list[str]:
    """Return what imports may call a file: its path without its suffix, its folder, or both."""
    folder, base = posixpath.split(path)
    naming = entry_of(family).modules
    if base.endswith(naming.never_imported):
        return []
    if naming.named_by == "path":
        return [path]
    if naming.named_by == "folder":
        return [folder]
    stem, _ = posixpath.splitext(base)
    for end in naming.dropped_ends:
        stem = stem.removesuffix(end)
    module = posixpath.join(folder, stem)
    return [folder, module] if stem in FOLDER_STEMS else [module]
