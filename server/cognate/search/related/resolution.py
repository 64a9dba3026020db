"""Which definition a name means where it is used: how likely it is this one. Any thread, one snapshot.

Most names have several definitions, so a use counts as far as its surroundings say that this one is meant: what stands
before the dot, whether the file is linked to the definition's, whether it has a definition of its own of that name.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cognate.index.lexical import file_number
from cognate.languages.registry import FOLDER_STEMS, entry_of
from cognate.search.declarations import CALLABLE, TYPES
from cognate.search.focus import innermost
from cognate.search.related.place import DATA, Place, stems_of, words_holding
from cognate.search.related.uses import SELVES, UNKNOWN, Use, family_of, modules_naming
from cognate.types import ChunkRecord, Symbol

LEAST = 0.15  # Below, it is more likely that another definition is meant.
MEANT_ELSEWHERE = 0.05
LIKENESS_SHARE = 0.15  # Of the points of what uses or is used, beside the certainty that it is meant.

# How much a use counts by what it is; a name that is only handed on is used, too.
NO_CALL = 0.8
BINDING = 0.15

MIN_SHORT_NAME = 3  # Letters of a variable that may abbreviate a type.
WITH_IMPLICIT_SELF = frozenset({"c", "csharp", "d", "dart", "java", "pascal", "ruby", "swift", "crystal"})
"""Families in which a member is used without naming what it is a member of."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What tells which definition a file means by a name.

    Attributes:
        link: how strongly it is linked to the definition's file, 0 to 1; 1 for that file itself.
        rival: the same for the strongest link to another definition of the name.
        own: definitions of its own of that name.
        names_owner: whether it names the type that the definition is a member of.
        imports: whether it says that it imports the name from the definition's module, None where it says nothing.
    """

    link: float
    rival: float
    own: tuple[Symbol, ...]
    names_owner: bool
    imports: bool | None


def links_of(place: Place) -> dict[str, float]:
    """Return the files that the reference graph links to the definition's, the strongest first, 0 to 1."""
    linked = place.snapshot.graph.neighbours(place.path)
    top = max(linked.values(), default=1.0) or 1.0
    return {path: weight / top for path, weight in sorted(linked.items(), key=lambda item: (-item[1], item[0]))}


def may_use(place: Place, record: ChunkRecord, links: Mapping[str, float]) -> bool:
    """Return whether a chunk's language can use the definition's; the graph knows those that mix languages."""
    language = record.chunk.language or record.language
    return family_of(language) == place.family or record.path in links


def files_using(place: Place, records: Iterable[ChunkRecord], links: Mapping[str, float]) -> dict[str, FileFacts]:
    """Return what is known of the files of some chunks, by path."""
    snapshot = place.snapshot
    imports: dict[str, bool | None] = {}
    for record in records:
        said = [_is_from(place, module) for module in modules_naming(place.name, record.chunk.text)]
        imports[record.path] = any(said) if said else imports.get(record.path)
    paths = list(imports)
    own: dict[str, list[Symbol]] = {}
    for path, symbol in place.namesakes:
        own.setdefault(path, []).append(symbol)
    naming: frozenset[str] = frozenset()
    words = words_holding(place.owner) if place.owner else []
    if words:
        numbers = {file_number(path): path for path in paths}
        every = (1 << len(words)) - 1
        found = snapshot.lexical.words_of_files(words, list(numbers))
        naming = frozenset(numbers[number] for number, bits in found.items() if bits & every == every)
    rivals: dict[str, float] = {}
    for path in own:
        if path != place.path:
            for other in snapshot.graph.neighbours(path):
                rivals[other] = 1.0
    return {
        path: FileFacts(
            1.0 if path == place.path else links.get(path, 0.0),
            rivals.get(path, 0.0),
            tuple(own.get(path, ())),
            path in naming or path == place.path,
            imports[path],
        )
        for path in paths
    }


def _is_from(place: Place, module: str) -> bool:
    """Return whether a module that is imported may be the definition's, or one that hands its names on."""
    parts = [part for part in re.split(r"[./]+", module) if part]
    last = parts[-1] if parts else ""
    others = frozenset().union(*(modules_of(place, path) for path, _ in place.namesakes if path != place.path))
    if last in others and last not in modules_of(place, place.path):
        return False
    own = frozenset(place.path.replace(".", "/").split("/"))
    return module.startswith(".") or not parts or not own.isdisjoint(parts)


def fit_of_use(place: Place, file: FileFacts, record: ChunkRecord, use: Use, line: int) -> float:
    """Return how likely a use of a definition's name means the definition, 0 to 1; less for what is no call."""
    fit = _fit_of_member(place, file, record, use, line) if place.owner else _fit_of_name(place, file, record, use)
    if use.is_bound:
        return fit if place.symbol.kind in DATA and use.qualifier else fit * BINDING
    return fit if use.is_call or place.is_type or place.symbol.kind not in CALLABLE else fit * NO_CALL


def _fit_of_name(place: Place, file: FileFacts, record: ChunkRecord, use: Use) -> float:
    """Of what is no member: it stands alone, or behind the name of its module."""
    return _fit_behind(place, file, record, use) if use.qualifier else _fit_alone(place, file, record)


def _fit_behind(place: Place, file: FileFacts, record: ChunkRecord, use: Use) -> float:
    """Of a name behind another one, which may be its module's, or some value that has a member of that name."""
    is_here = record.path == place.path
    container = place.symbol.container.rpartition(".")[2]
    if use.qualifier in modules_of(place, place.path) or (container and use.qualifier == container):
        return 1.0
    if use.qualifier in SELVES:
        return 0.3 if is_here and not file.own and container else MEANT_ELSEWHERE
    is_value = use.qualifier == UNKNOWN or use.qualifier.endswith("()")
    is_member = any(symbol.container for _, symbol in place.namesakes)
    if is_value or is_member or is_here or file.own or not file.link:
        return MEANT_ELSEWHERE
    return 0.3 if place.namesakes else 0.6  # An import may have given the module another name.


def _fit_alone(place: Place, file: FileFacts, record: ChunkRecord) -> float:
    """Of a name that stands alone: an import, or the language, has made it known there."""
    same_folder = record.path.rpartition("/")[0] == place.path.rpartition("/")[0]
    others = len(place.namesakes)
    if record.path == place.path:
        return 0.95
    if (
        file.imports is False
        or any(not symbol.container for symbol in file.own)
        or (_is_module_a_folder(place) and not same_folder)
    ):
        return MEANT_ELSEWHERE
    if file.imports:
        return 0.95
    if file.link:
        return 0.6 if file.rival else 0.9
    if file.rival:
        return MEANT_ELSEWHERE
    return (0.7 if same_folder else 0.6) if not others else (0.5 if same_folder else 0.2) / others


def modules_of(place: Place, path: str) -> frozenset[str]:
    """Return the names by which code may call the module that a file is or belongs to."""
    folder, _, base = path.rpartition("/")
    stem = base.partition(".")[0]
    parent = folder.rpartition("/")[2]
    if _is_module_a_folder(place):
        return frozenset({parent} - {""})
    return frozenset({parent if parent and stem in FOLDER_STEMS else stem})


def _is_module_a_folder(place: Place) -> bool:
    """Return whether a name stands alone in its folder only, as in Go."""
    return entry_of(place.family).modules.named_by == "folder"


def _fit_of_member(place: Place, file: FileFacts, record: ChunkRecord, use: Use, line: int) -> float:
    """Of a member: it stands behind something that is such a thing, or behind none inside of it."""
    owner = _owner_at(record, line)
    if use.qualifier in SELVES or (not use.qualifier and place.family in WITH_IMPLICIT_SELF):
        return _fit_inside(place, file, use, owner)
    return _fit_of_thing(place, file, record, use, owner) if use.qualifier else MEANT_ELSEWHERE


def _fit_inside(place: Place, file: FileFacts, use: Use, owner: str) -> float:
    """Of a member of the type that the use stands in: that is the one, derived from it, or another one."""
    if owner == place.owner:
        return 1.0
    if any(symbol.container.rpartition(".")[2] == owner for symbol in file.own) or not (use.qualifier or owner):
        return MEANT_ELSEWHERE
    return 0.8 if file.names_owner else (0.6 if file.link else 0.35) * _doubt(place)


def _fit_of_thing(place: Place, file: FileFacts, record: ChunkRecord, use: Use, owner: str) -> float:
    """Of a member of some value: its name, and the types that are named around it, tell what it may be."""
    thing = use.qualifier.removesuffix("()")
    if thing == place.owner:
        return 1.0
    is_like = resembles(thing, place.owner)
    rivals = {symbol.container.rpartition(".")[2] for _, symbol in place.namesakes}
    if thing in rivals or (not is_like and any(resembles(thing, rival) for rival in rivals)):
        return MEANT_ELSEWHERE
    base = 0.6 if file.link else 0.4
    if file.names_owner:
        base = 0.8 if place.owner in record.chunk.text else 0.7
    if is_like:
        return min(1.0, base + 0.25) * math.sqrt(_doubt(place))
    return max(base, 0.8 if owner == place.owner else 0.0) * _doubt(place)


def _doubt(place: Place) -> float:
    """Return what remains of a guess when other types have a member of the name, too."""
    return 1.0 / (1.0 + 0.2 * min(len(place.namesakes), 10))


def resembles(qualifier: str, owner: str) -> bool:
    """Return whether a variable is named after a type: ``session`` or ``sess`` of Session, ``cmd`` of Command."""
    if not owner or qualifier == UNKNOWN:
        return False
    last = sorted(stems_of(qualifier) & stems_of(owner))
    if last:
        return True
    short, long = qualifier.lower().strip("_"), owner.lower()
    letters = iter(long)
    return (
        MIN_SHORT_NAME <= len(short) < len(long) and short[0] == long[0] and all(letter in letters for letter in short)
    )


def _owner_at(record: ChunkRecord, line: int) -> str:
    """Return the type around a line: what the innermost definition there stands in."""
    around = innermost((s for s in record.chunk.definitions if s.kind not in DATA), line)
    if around is None:
        parts = record.chunk.container.split(".")
        return parts[-2] if len(parts) > 1 else parts[0]
    return around.name if around.kind in TYPES else around.container.rpartition(".")[2]
