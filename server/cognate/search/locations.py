"""Which locations of the workspace a query names: by a path with a line, a frame of a stack trace, a path. Any thread.

Such a location is certain: it enters beside what the indexes find, and needs no likeness to the query. Works on the
outlines of one snapshot; reads no text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cognate.index.snapshot import Snapshot
from cognate.search.frames import Frame
from cognate.search.query import Query
from cognate.types import ChunkId, Symbol
from cognate.words import common_start

MAX_LOCATIONS = 12
MAX_NAMESAKES = 5
"""Files that one path may mean, and definitions that one function may be, before it says nothing."""

FUNCTION_AGREES = 0.97
LINE_ALONE = 0.95
FUNCTION_MOVED = 0.85
FUNCTION_ALONE = 0.6
FUNCTION_MISSING = 0.55
"""How certain a location is: the line lies in the function that the frame names; no function is named; the function is
elsewhere in the file, as the file was changed since; its file is not here, but one such definition; the file has the
line, but no such function. Judged, not fitted: no label holds a trace."""

SURE = 0.8
"""Locations that are less certain stand behind all others of a trace."""

NEXT_FRAME = 0.9
"""What each further frame of a trace counts of the one before: most often the innermost one is wanted."""

_WORD = re.compile(r"[^\W\d]\w*[?!]?")


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a chunk a named location is.

    Attributes:
        line: counted as the chunk's lines are.
        certainty: the probability that it is meant.
    """

    line: int
    certainty: float


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a query points at.

    Attributes:
        locations: chunks that it names by a line or a frame, best first.
        files: those whose paths stand in it.
    """

    locations: Mapping[ChunkId, Location] = field(default_factory=dict[ChunkId, Location])
    files: frozenset[str] = frozenset()


NOTHING = Pointed()


def point(snapshot: Snapshot, query: Query, allowed: frozenset[ChunkId] | None) -> Pointed:
    """Return what a query points at inside what a scope allows."""
    locations = locations_of(snapshot, query.frames)
    if allowed is not None:
        locations = {number: location for number, location in locations.items() if number in allowed}
    files = files_named(snapshot, query.paths).values()
    return Pointed(locations, frozenset(file for some in files for file, is_long in some if is_long))


def locations_of(snapshot: Snapshot, frames: Sequence[Frame]) -> dict[ChunkId, Location]:
    """Return the chunks that frames name, best first: the innermost frame that is here, then those around it."""
    files = files_named(snapshot, {_full_path(frame) for frame in frames if frame.path})
    found = [
        locations for frame in frames if (locations := _of_frame(snapshot, frame, files.get(_full_path(frame), [])))
    ]
    found.sort(key=lambda locations: locations[0][1].certainty < SURE)
    best: dict[ChunkId, Location] = {}
    for depth, locations in enumerate(found):
        for number, location in locations:
            if number not in best and len(best) < MAX_LOCATIONS:
                best[number] = Location(location.line, location.certainty * NEXT_FRAME**depth)
    return best


def files_named(snapshot: Snapshot, paths: Iterable[str]) -> dict[str, list[tuple[str, bool]]]:
    """Return for each path the files here that it may mean: those that share the longest end with it.

    With each comes whether that end is long enough: either path as a whole, or a folder besides the name.
    """
    wanted = {path: path.lower().split("/") for path in paths}
    names = {parts[-1] for parts in wanted.values()}
    here: dict[str, list[str]] = {}
    for path in snapshot.paths() if names else ():
        name = path.rpartition("/")[2].lower()
        if name in names:
            here.setdefault(name, []).append(path)
    found: dict[str, list[tuple[str, bool]]] = {}
    for path, parts in wanted.items():
        shared = {file: common_start(parts[::-1], file.lower().split("/")[::-1]) for file in here.get(parts[-1], ())}
        longest = max(shared.values(), default=0)
        best = [file for file, length in shared.items() if length == longest]
        if 0 < len(best) <= MAX_NAMESAKES:
            found[path] = [
                (file, longest > 1 or longest == len(parts) or longest == file.count("/") + 1) for file in best
            ]
    return found


def _full_path(frame: Frame) -> str:
    """Return a frame's path, the folders of its package added where a trace names the file alone, as Java's do."""
    package = [name for name in frame.names[:-1] if name[0].islower()]
    return frame.path if "/" in frame.path or len(package) < 2 else "/".join((*package, frame.path))  # noqa: PLR2004


def _of_frame(snapshot: Snapshot, frame: Frame, files: Sequence[tuple[str, bool]]) -> list[tuple[ChunkId, Location]]:
    found = [
        (number, location)
        for file, is_long in files
        if (at := _in_file(snapshot, frame, file, is_long=is_long)) is not None
        for number, location in [at]
    ]
    if not found and frame.names:
        found = _by_definition(snapshot, frame)
    best = max((location.certainty for _, location in found), default=0.0)
    found = [(number, location) for number, location in found if location.certainty == best]
    return [(number, Location(location.line, location.certainty / len(found))) for number, location in found]


def _in_file(snapshot: Snapshot, frame: Frame, file: str, *, is_long: bool) -> tuple[ChunkId, Location] | None:
    outlined = list(snapshot.files[file].outlined())
    if frame.line is None or outlined[0][1].cell is not None:
        return None
    named = [s for _, outline in outlined for s in outline.symbols if frame.names and _is_called(s, frame.names[-1])]
    line = at = frame.line
    certainty = LINE_ALONE
    if any(symbol.start_line <= line < symbol.end_line for symbol in named):
        certainty = FUNCTION_AGREES
    elif not is_long:
        return None
    elif named:
        line = min((symbol.start_line for symbol in named), key=lambda start: abs(start - at))
        certainty = FUNCTION_MOVED
    elif frame.names:
        certainty = FUNCTION_MISSING
    number, outline = min(outlined, key=lambda one: max(one[1].start_line - line, line - one[1].end_line + 1, 0))
    return number, Location(min(max(line, outline.start_line), outline.end_line - 1), certainty)


def _by_definition(snapshot: Snapshot, frame: Frame) -> list[tuple[ChunkId, Location]]:
    """Return the definition of a frame's function whose file is not here, or is not named.

    What contains it must agree with the frame, unless the frame names nothing but the function.
    """
    name, around = frame.names[-1], {part.lower() for part in frame.names[:-1]}
    if frame.path and not around:
        return []
    found: list[tuple[ChunkId, Location]] = []
    for number in snapshot.defining(name, 10 * MAX_NAMESAKES):
        path = snapshot.path_of(number)
        if path is None:
            continue
        entry = snapshot.files[path]
        stem = path.rpartition("/")[2].partition(".")[0].lower()
        for symbol in entry.outline(entry.ids.index(number)).symbols:
            inside = {stem, *(part.lower() for part in _WORD.findall(symbol.container))}
            if _is_called(symbol, name) and (not around or inside & around):
                found.append((number, Location(symbol.start_line, FUNCTION_ALONE)))
                break
    return found if len(found) <= MAX_NAMESAKES else []


def _is_called(symbol: Symbol, name: str) -> bool:
    words = _WORD.findall(symbol.name)
    return bool(words) and words[-1].lower() == name.lower()
