"""What a definition uses: other definitions, by name, links and meaning. Any thread, one snapshot."""

from collections.abc import Mapping

from cognate.search.declarations import CALLABLE, TYPES, only_declares
from cognate.search.related.place import Candidate, Place, part_of
from cognate.search.related.resolution import (
    BINDING,
    LEAST,
    LIKENESS_SHARE,
    MEANT_ELSEWHERE,
    WITH_IMPLICIT_SELF,
    links_of,
    may_use,
    modules_of,
    resembles,
)
from cognate.search.related.uses import SELVES, UNKNOWN, Use, uses_in
from cognate.types import ChunkId, ChunkRecord, Symbol
from cognate.workspace.path_facts import path_facts

MAX_NAMES = 80  # That a definition uses, calls first.
MAX_DEFINITIONS = 24
VALUE = 0.5  # How much a name counts that is not called.


def callees(place: Place, allowed: frozenset[ChunkId] | None) -> list[Candidate]:
    """Return the definitions that a definition uses, each once."""
    snapshot = place.snapshot
    links = links_of(place)
    wanted = _names_used(place)
    where: dict[str, list[ChunkId]] = {}
    for name in wanted:
        found = [n for n in snapshot.defining(name, MAX_DEFINITIONS) if allowed is None or n in allowed]
        if found:
            where[name] = found
    records = {record.id: record for record in snapshot.read({n for found in where.values() for n in found})}
    like = place.likeness(records)
    best: dict[tuple[str, int], Candidate] = {}
    for name, numbers in where.items():
        meant = [
            (record, symbol)
            for number in numbers
            if (record := records.get(number)) is not None and may_use(place, record, links)
            for symbol in record.chunk.definitions
            if symbol.name == name and _may_be_callee(place, record, symbol)
        ]
        n_others = max(0, len({(r.path, s.qualified) for r, s in meant if not only_declares(r, s)}) - 1)
        fits: list[tuple[float, ChunkRecord, Symbol]] = []
        for record, symbol in meant:
            near = _nearness(place, record, links, n_others)
            fits.append((max(_fit_of_callee(place, record, symbol, use, near) for use in wanted[name]), record, symbol))
        top = max((fit for fit, _, _ in fits), default=0.0)
        for fit, record, symbol in fits:
            if fit < LEAST or fit < top - 0.2:
                continue
            part = part_of(record, symbol)
            declared = 0.8 if only_declares(record, symbol) else 1.0
            points = fit * declared * (1.0 - LIKENESS_SHARE + LIKENESS_SHARE * like[record.id])
            key = (record.path, symbol.start_line)
            if key not in best or best[key].points < points:
                why = {"use": fit, "link": links.get(record.path, 0.0), "similarity": like[record.id]}
                best[key] = Candidate(part, symbol.start_line, points, why)
    return list(best.values())


def _may_be_callee(place: Place, record: ChunkRecord, symbol: Symbol) -> bool:
    """Return whether a definition is more than what the place itself is, is part of, or holds as data."""
    if symbol.kind in {"field", "property"} or place.holds(record.path, symbol.start_line):
        return False
    return not (symbol.kind in TYPES and symbol.name == place.symbol.container.rpartition(".")[2])


def _names_used(place: Place) -> dict[str, list[Use]]:
    """Return the names that a definition uses with their uses, calls first; its own is left out."""
    found: dict[str, list[Use]] = {}
    for record in place.snapshot.read(place.chunks):
        part = part_of(record, place.symbol)
        own = {(s.start_line - part.chunk.start_line, s.name) for s in part.chunk.symbols}
        for use in uses_in(part.chunk.text, record.chunk.language or record.language):
            if (use.row, use.name) not in own and use.name not in SELVES and len(use.name) > 1:
                found.setdefault(use.name, []).append(use)
    found.pop(place.symbol.name if not place.owner else "", None)
    order = sorted(found, key=lambda name: not any(use.is_call for use in found[name]))
    return {name: found[name] for name in order[:MAX_NAMES]}


def _fit_of_callee(place: Place, record: ChunkRecord, symbol: Symbol, use: Use, near: float) -> float:
    """Return how likely a use inside a definition means another definition, 0 to 1."""
    owner = symbol.container.rpartition(".")[2]
    kind = 1.0 if use.is_call or symbol.kind in TYPES else VALUE
    kind *= BINDING if use.is_bound else 1.0
    thing = use.qualifier.removesuffix("()")
    if owner and symbol.kind in {"constructor", "method"}:
        own_type = place.symbol.container.rpartition(".")[2] if place.symbol.kind in CALLABLE else place.symbol.name
        if use.qualifier in SELVES or (not use.qualifier and place.family in WITH_IMPLICIT_SELF):
            return kind * (1.0 if owner == own_type else 0.7 * near)
        if not use.qualifier:
            return MEANT_ELSEWHERE
        return kind * (1.0 if thing == owner else min(1.0, near + 0.2) if resembles(thing, owner) else near)
    if not use.qualifier:
        return kind * near
    if thing in modules_of(place, record.path) or thing == owner:
        return kind
    is_value = use.qualifier in SELVES or thing == UNKNOWN or thing != use.qualifier
    return MEANT_ELSEWHERE if is_value else 0.5 * near * kind


def _nearness(place: Place, record: ChunkRecord, links: Mapping[str, float], others: int) -> float:
    """Return how likely code in a place means a definition in a file because of where that is, 0 to 1."""
    if record.path == place.path:
        near = 0.95
    elif record.path in links:
        near = 0.8
    else:
        same = record.path.rpartition("/")[0] == place.path.rpartition("/")[0]
        near = (0.5 if same else 0.35) / (1 + others)
    return near * 0.3 if "test" in path_facts(record.path).kinds and not place.is_test else near
