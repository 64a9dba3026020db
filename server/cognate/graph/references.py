"""The reference graph, kept up to date file by file: an edit costs its own file and those whose names it changed.

Owned by one thread, the writer's. A file refers to another when it imports it, or uses a name that the other defines;
so does a definition to another. A name that many files define says little of which is meant: its weight is shared
among them, beyond a limit it is left out, and where one of them is imported, that one is meant. A name that the file
itself defines is its own, one that it imports from outside the workspace is nobody's, and a member that holds data is
meant only where its file is imported: half the world has a field called ``models``.
"""

import posixpath
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from math import log1p
from sys import intern

import numpy as np
from numpy.typing import NDArray

from cognate.graph.modules import PACKAGE_MARK, Modules
from cognate.graph.pagerank import Edges
from cognate.graph.symbol_table import SymbolTable
from cognate.types import References

MAX_DEFINERS = 4  # Files; measured on 42 repositories: a name with more definers is a habit, such as ``run``.
MAX_FILES_OF_IMPORT = 20  # A Go package can be larger; then only the names say which of its files is meant.

N_HASHES = 1 << 16
"""Words are remembered by 16 bits: a file that is looked at once too often costs less than all words of all files."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the graph is made from, of one file.

    Attributes:
        symbols: the names of its definitions with their containers, joined by ``.``, and whether each one is a member
            that holds data.
        references: what it uses.
    """

    symbols: tuple[tuple[str, bool], ...]
    references: References


@dataclass(frozen=True, slots=True)
class _File:
    family: str
    names: tuple[str, ...]  # Its symbols with their containers, in order; the empty one comes first.
    numbers: "array[int]"  # The number of each name; a symbol keeps its number as long as it is there.
    defined: Mapping[str, tuple[int, ...]]  # Positions in names, by bare name.
    members: frozenset[str]  # Bare names that only members that hold data have.
    words: NDArray[np.uint16]  # Hashes of the words that it uses.
    imports: tuple[str, ...]
    parts_of_imports: frozenset[str]
    packed_uses: bytes

    @property
    def uses(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the definitions with the words that each one uses."""
        text = zlib.decompress(self.packed_uses).decode("utf-8", "surrogatepass")
        parts = iter(text.split("\0") if text else ())
        return ((owner, names.split()) for owner, names in zip(parts, parts, strict=True))

    def number_of(self, name: str) -> int:
        """Return the number of a symbol, that of the code outside all definitions when there is none."""
        position = bisect_left(self.names, name)
        return self.numbers[position if position < len(self.names) and self.names[position] == name else 0]

    def numbers_of(self, bare: str) -> tuple[int, ...]:
        """Return the numbers of the symbols of a bare name."""
        return tuple([self.numbers[position] for position in self.defined.get(bare, ())])


@dataclass(frozen=True, slots=True)
class _Links:
    """Where a file's references lead; each weighs one, shared among the definitions that it may mean."""

    files: Mapping[str, float]
    symbols: NDArray[np.int32]  # Shape (3, references): numbers of who refers and of what is meant, and the sharing.


class _Definers:
    """The files of a family that define each bare name: at all, and so that it is meant without an import."""

    def __init__(self) -> None:
        self.all: dict[str, tuple[str, ...]] = {}
        self.definitions: dict[str, tuple[str, ...]] = {}

    def add(self, path: str, names: Iterable[str], members: frozenset[str]) -> None:
        """Note names that a file defines now."""
        alone = (path,)  # Most names have one definer; these tuples are shared.
        for name in names:
            holders = self.all[name] = (*self.all[name], path) if name in self.all else alone
            if name not in members:
                found = (*self.definitions[name], path) if name in self.definitions else alone
                self.definitions[name] = holders if len(found) == len(holders) else found

    def remove(self, path: str, names: Iterable[str]) -> None:
        """Forget names that a file no longer defines."""
        for name in names:
            for definers in (self.all, self.definitions):
                rest = tuple(holder for holder in definers.pop(name, ()) if holder != path)
                if rest:
                    definers[name] = rest


class ReferenceGraph:
    """Files, symbols and who refers to whom."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._definers: dict[str, _Definers] = {}  # By family.
        self._modules = Modules()
        self._links: dict[str, _Links] = {}
        self._n_symbols = 0  # That ever were.
        self._stale: set[str] = set()

    @property
    def paths(self) -> list[str]:
        """The files of the graph, in order."""
        return sorted(self._files)

    def update(self, changed: Mapping[str, FileFacts | None]) -> None:
        """Take in what files became; None or a file that uses nothing by name is no part of the graph."""
        touched: dict[str, set[str]] = {}
        moved: dict[str, set[str]] = {}
        for path, facts in changed.items():
            old = self._files.pop(path, None)
            new = self._read(path, facts, old) if facts is not None and facts.references.family else None
            if new is not None:
                self._files[path] = new
            self._stale.add(path)
            if (old.family if old else "") != (new.family if new else ""):
                for file, change in ((old, self._modules.remove), (new, self._modules.add)):
                    if file is not None:
                        change(path, file.family)
                        moved.setdefault(file.family, set()).update(_parts_of(path))
            for file, other, is_new in ((old, new, False), (new, old, True)):
                if file is not None:
                    names = file.defined.keys()
                    if other is not None and other.family == file.family:
                        changed_kind = file.members ^ other.members
                        names = {n for n in names if n in changed_kind or other.numbers_of(n) != file.numbers_of(n)}
                    touched.setdefault(file.family, set()).update(names)
                    definers = self._definers.setdefault(file.family, _Definers())
                    if is_new:
                        definers.add(path, names, file.members)
                    else:
                        definers.remove(path, names)
            if posixpath.basename(path) == PACKAGE_MARK and (old is None) != (new is None):
                self._stale.update(self._files)  # Where imports may begin is another matter now.
        if not self._files.keys() <= self._stale:
            marks = {family: _marks_of(names) for family, names in touched.items() if names}
            self._stale.update(
                path for path in self._files.keys() - self._stale if _concerns(self._files[path], touched, marks, moved)
            )

    def _read(self, path: str, facts: FileFacts, old: _File | None) -> _File:
        names = tuple(sorted({"", *dict(facts.symbols)}))
        known = dict(zip(old.names, old.numbers, strict=True)) if old is not None else {}
        numbers = array("i", [known[name] if name in known else self._next_number() for name in names])
        definitions = {name.rpartition(".")[2] for name, holds_data in facts.symbols if not holds_data}
        defined: dict[str, list[int]] = {}
        for position, name in enumerate(names):
            if name:
                defined.setdefault(intern(name.rpartition(".")[2]), []).append(position)
        references = facts.references
        words = set(chain.from_iterable(names.split() for _, names in references.uses))
        return _File(
            references.family,
            names,
            numbers,
            {name: _shared(tuple(found)) for name, found in defined.items()},
            frozenset(defined.keys() - definitions),
            np.fromiter(set(map(_hash_of, words)), np.uint16),
            references.imports,
            frozenset(map(intern, _parts_of_imports(path, references.imports))),
            zlib.compress("\0".join(chain.from_iterable(references.uses)).encode("utf-8", "surrogatepass"), 1),
        )

    def _next_number(self) -> int:
        self._n_symbols += 1
        return self._n_symbols - 1

    def resolve(self, between: Callable[[], None] = lambda: None) -> None:
        """Find anew where the references of the files lead that a change has touched.

        Args:
            between: called before each file; where it raises, the rest is left for the next time.
        """
        while self._stale:
            between()
            path = self._stale.pop()
            file = self._files.get(path)
            if file is None:
                self._links.pop(path, None)
            else:
                self._links[path] = self._follow(path, file)

    def _follow(self, path: str, file: _File) -> _Links:
        """Find what a file's names and imports mean."""
        weights: dict[str, float] = {}
        imported, bound = self._imported(path, file, weights)
        definers = self._definers.get(file.family, _Definers())
        uses = [*file.uses, ("", [name for name, inside in bound.items() if inside])]
        words = set(chain.from_iterable(names for _, names in uses))
        meant: dict[str, tuple[int, ...]] = {}
        for name in sorted((words | bound.keys()) & definers.all.keys()):
            if name in file.defined:
                meant[name] = file.numbers_of(name)
                continue
            if not bound.get(name, True):
                continue
            holders = self._which_define(name, imported, definers.all[name]) or definers.definitions.get(name, ())
            if not 0 < len(holders) <= MAX_DEFINERS:
                continue
            holders = sorted(holders)
            for holder in holders:
                weights[holder] = weights.get(holder, 0.0) + 1.0 / len(holders)
            meant[name] = tuple(chain.from_iterable(self._files[holder].numbers_of(name) for holder in holders))
        source: list[int] = []
        target: list[int] = []
        sharing: list[int] = []
        for owner, names in uses:
            number = file.number_of(owner)
            for name in names:
                targets = meant.get(name)
                if targets is not None:
                    source += [number] * len(targets)
                    target += targets
                    sharing += [len(targets)] * len(targets)
        return _Links(
            {other: log1p(weights[other]) for other in sorted(weights)},
            np.array([source, target, sharing], np.int32),
        )

    def _which_define(self, name: str, imported: set[str], definers: tuple[str, ...]) -> list[str]:
        """Return which of the imported files define a name; whichever are fewer are gone through."""
        if len(definers) <= len(imported):
            return [path for path in definers if path in imported]
        return [path for path in imported if name in self._files[path].defined]

    def _imported(self, path: str, file: _File, weights: dict[str, float]) -> tuple[set[str], dict[str, bool]]:
        """Return the files that a file imports, and which names that makes known there: whether one lies inside.

        Each import's weight is added to those of the files.
        """
        imported: set[str] = set()
        bound: dict[str, bool] = {}
        resolved = {name: self._modules.resolve(path, name, file.family) for name in file.imports}
        for name, found in resolved.items():
            last = name.rpartition("/")[2]
            bound[last] = bound.get(last, False) or bool(found)
        for found in dict.fromkeys(resolved.values()):
            imported.update(found)
            if len(found) <= MAX_FILES_OF_IMPORT:
                for other in found:
                    weights[other] = weights.get(other, 0.0) + 1.0 / len(found)
        return imported, bound

    def imports_outside(self, path: str) -> list[str]:
        """Return the imports of a file that lead out of the workspace."""
        file = self._files[path]
        return [name for name in file.imports if not self._modules.resolve(path, name, file.family)]

    def family(self, path: str) -> str:
        """Return the family of a file of the graph."""
        return self._files[path].family

    def file_edges(self) -> tuple[list[str], Edges]:
        """Return the files, and the references among them by position in that list."""
        assert not self._stale, "resolve comes first"
        paths = self.paths
        position = {path: number for number, path in enumerate(paths)}
        counts = [len(self._links[path].files) for path in paths]
        source = np.repeat(np.arange(len(paths), dtype=np.int64), counts)
        links = [self._links[path].files for path in paths]
        target = np.fromiter((position[other] for found in links for other in found), np.int64, len(source))
        weight = np.fromiter((value for found in links for value in found.values()), np.float64, len(source))
        return paths, Edges(source, target, weight, len(paths))

    def symbol_edges(self) -> tuple[SymbolTable, Edges]:
        """Return the symbols of the files in order, and the references among them by number there; none to itself."""
        assert not self._stale, "resolve comes first"
        files = [self._files[path] for path in self.paths]
        table = SymbolTable(
            np.array([0, *accumulate([len(file.names) for file in files])], np.int64),
            list(chain.from_iterable(file.names for file in files)),
        )
        row = np.full(self._n_symbols, -1, np.int64)
        row[np.fromiter(chain.from_iterable(file.numbers for file in files), np.int64, len(table))] = np.arange(
            len(table)
        )
        found = [self._links[path].symbols for path in self.paths]
        source, target, sharing = np.concatenate([np.zeros((3, 0), np.int32), *found], axis=1)
        source, target = row[source], row[target]
        apart = source != target
        return table, Edges(source[apart], target[apart], 1.0 / sharing[apart], len(table))


def _concerns(
    file: _File,
    touched: Mapping[str, set[str]],
    marks: Mapping[str, NDArray[np.bool_]],
    moved: Mapping[str, set[str]],
) -> bool:
    """Whether a file may use, by family, names whose definers changed, as a set and as marks, or files that moved."""
    return (
        (file.family in marks and bool(marks[file.family][file.words].any()))
        or not file.parts_of_imports.isdisjoint(touched.get(file.family, ()))
        or not file.parts_of_imports.isdisjoint(moved.get(file.family, ()))
    )


@lru_cache(maxsize=1 << 12)
def _shared(positions: tuple[int, ...]) -> tuple[int, ...]:
    """Return the same tuple for the same positions: most names stand for one definition among the first few."""
    return positions


def _hash_of(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass")) % N_HASHES


def _marks_of(words: Iterable[str]) -> NDArray[np.bool_]:
    """Return for each hash whether one of the words has it; shape (N_HASHES,)."""
    marks = np.zeros(N_HASHES, np.bool_)
    marks[np.fromiter(map(_hash_of, words), np.int64)] = True
    return marks


def _parts_of_imports(path: str, imports: Iterable[str]) -> set[str]:
    """Return the words of imports; of those relative to the file's folder, that folder's too."""
    parts: set[str] = set()
    for name in imports:
        parts.update(name.split("/"))
        if name.startswith("."):
            parts.update(posixpath.dirname(path).split("/"))
    return parts


def _parts_of(path: str) -> set[str]:
    """Return the words by which an import may name a file; a folder may stand for what it holds."""
    parts = set(path.split("/"))
    return parts | {part.split(".", 1)[0] for part in parts}
