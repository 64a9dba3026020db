"""Which tests use a definition, or stand in a file that is named after its file. Any thread, one snapshot."""

from cognate.search.declarations import CALLABLE
from cognate.search.related.callers import used
from cognate.search.related.place import Candidate, Place, ids_of, is_test, part_of, stems_of
from cognate.types import ChunkId, ChunkRecord
from cognate.workspace.path_facts import path_facts

# Shares of a test's points beside the certainty that it uses the definition.
NAMED_SHARE = 0.3  # That its name says what it tests.
FILE_SHARE = 0.15  # That its file is named after the definition's.

TESTS_OF_FILE = 60  # Chunks that are read of test files that use nothing of the definition.
_WORDS_OF_TESTS = frozenset({"test", "tests", "spec", "it", "e2e", "unit", "integr"})


def tests(place: Place, allowed: frozenset[ChunkId] | None) -> list[Candidate]:
    """Return tests that use a definition; where none does, those in a file named after the definition's."""
    wanted = stems_of(place.name) or frozenset({place.name})
    owner = stems_of(place.owner)
    named = _test_files_of(place)
    found: list[Candidate] = []
    for candidate in used(place, allowed, [path for path in place.snapshot.paths() if path in named]):
        if not is_test(candidate.record, candidate.line):
            continue
        has_name = max(_named_after(wanted | owner, candidate.record), _named_after(wanted, candidate.record))
        of_file = 1.0 if candidate.record.path in named else 0.0
        rest = 1.0 - NAMED_SHARE - FILE_SHARE
        points = candidate.points * (rest + NAMED_SHARE * has_name + FILE_SHARE * of_file)
        found.append(Candidate(candidate.record, candidate.line, points, {**candidate.why, "named": has_name}))
    return found or _tests_of_file(place, named, wanted, allowed)


def _tests_of_file(
    place: Place, named: frozenset[str], wanted: frozenset[str], allowed: frozenset[ChunkId] | None
) -> list[Candidate]:
    numbers = [i for i in ids_of(place.snapshot, sorted(named)) if allowed is None or i in allowed]
    records = place.snapshot.read(numbers[:TESTS_OF_FILE])
    like = place.likeness(record.id for record in records)
    found: list[Candidate] = []
    for record in records:
        symbols = [s for s in record.chunk.definitions if s.kind in CALLABLE and s.start_line < record.chunk.end_line]
        for symbol in symbols:
            part = part_of(record, symbol)
            has_name = _named_after(wanted, part)
            points = 0.15 + 0.25 * has_name + 0.15 * like[record.id]
            found.append(Candidate(part, symbol.start_line, points, {"named": has_name, "similarity": like[record.id]}))
    return found


def _named_after(wanted: frozenset[str], part: ChunkRecord) -> float:
    """Return which share of a name's words stands in the names of a test and of what it is in."""
    names = [symbol.name for symbol in part.chunk.symbols[:1]]
    names.append(part.chunk.container)
    words = frozenset[str]().union(*(stems_of(word) for name in names for word in name.replace(".", " ").split()))
    return len(wanted & words) / len(wanted) if wanted else 0.0


def _test_files_of(place: Place) -> frozenset[str]:
    """Return test files whose name is that of the definition's file and a word that says that they are tests."""
    own = [word for word in path_facts(place.path).name_words if word not in _WORDS_OF_TESTS]
    if not own:
        return frozenset()
    last = own[-1]
    named = frozenset(own)
    return frozenset(
        path
        for path, entry in place.snapshot.files.items()
        if entry.ids
        and last in (lowered := path.lower())
        and ("test" in lowered or "spec" in lowered)
        and "test" in path_facts(path).kinds
        and path != place.path
        and named <= frozenset(path_facts(path).name_words) <= named | _WORDS_OF_TESTS
    )
