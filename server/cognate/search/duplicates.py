"""Definitions that do the same: clusters of them in a whole folder, or the twins of those in one file.

Any thread, no lock, one snapshot. Candidates are found by their shape, or by meaning where few definitions are asked
about; whether two do the same, ``likeness`` says.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from cognate.arrays import Matrix
from cognate.cancellation import CancelToken
from cognate.duplicates import Cluster, Member
from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import Snapshot
from cognate.index.vectors import VectorIndex
from cognate.search.buckets import Pairs, Sketches, about_in_common, pairs_that_meet, sketches_of
from cognate.search.clusters import Group, groups_of
from cognate.search.definitions import Definition, definitions_in, is_compared
from cognate.search.likeness import THRESHOLD, Measures, length_of, likeness, may_reach
from cognate.search.related.similar import similar
from cognate.search.request import DuplicatesRequest, RelatedRequest, TwinsRequest
from cognate.search.scope import allowed_chunks
from cognate.search.shapes import Hashes, in_common, shape_of, tokens_of, words_of
from cognate.types import ChunkId, Span

MARGIN = 0.15
"""How much too low the estimate of a pair's shape may be: more than twice its standard deviation."""

MIN_TOKENS = 40
"""A definition with fewer tokens is not compared: there are only so many ways to write it."""

CANDIDATES = 40
"""Chunks that are looked through for the twins of one definition."""

MOST_ASKED = 12
"""Definitions of one file whose twins are looked for, the first; each takes up to 0.2 seconds."""

BATCH = 8_000
"""Pairs that are looked at together, in 25 MB."""

CHECK_EVERY = 256
"""Definitions that are read, or pairs that are compared, between two looks at the token."""


@dataclass(slots=True)
class _Compared:
    """Definitions and what is measured of them, by row.

    Attributes:
        definitions: those that have one text.
        texts: their lines.
        shapes: see ``shape_of``.
        n_tokens: number of their tokens.
        vectors: the mean of the vectors of the chunks that they are in; shape (rows, dimensions).
        words: see ``words_of``; those that were needed.
    """

    definitions: list[list[Definition]] = field(default_factory=list["list[Definition]"])
    texts: list[str] = field(default_factory=list[str])
    shapes: list[Hashes] = field(default_factory=list[Hashes])
    n_tokens: list[int] = field(default_factory=list[int])
    vectors: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    words: dict[int, Hashes] = field(default_factory=dict[int, Hashes])

    def likeness(self, one: int, other: int) -> float:
        """Return the likeness of two rows."""
        return likeness(self.measures(one, other))

    def measures(self, one: int, other: int) -> Measures:
        """Return what two rows have in common."""
        for row in (one, other):
            if row not in self.words:
                self.words[row] = words_of(self.texts[row])
        sizes = sorted((self.n_tokens[one], self.n_tokens[other]))
        shape = in_common(self.shapes[one], self.shapes[other])
        return Measures(
            shape=shape,
            words=in_common(self.words[one], self.words[other]),
            meaning=float(self.vectors[one] @ self.vectors[other]),
            size=sizes[0] / sizes[1],
            variety=min(self.variety(one), self.variety(other)),
            length=float(length_of(shape, min(len(self.shapes[one]), len(self.shapes[other])))),
        )

    def variety(self, row: int) -> float:
        """Return the share of a row's runs of tokens that are no repetition of another."""
        return len(self.shapes[row]) / self.n_tokens[row]


def clusters(snapshot: Snapshot, request: DuplicatesRequest, cancel: CancelToken) -> tuple[Cluster, ...]:
    """Return clusters of definitions that do the same, those that repeat most lines first.

    Raises:
        InvalidRequestError: when a pattern cannot be read.
        StoreError: when the texts cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    allowed = allowed_chunks(snapshot, request.scope)
    found = definitions_in(snapshot, snapshot.paths(), with_tests=request.with_tests)
    compared = _compared(snapshot, (one for one in found if allowed is None or one[0].ids[0] in allowed), cancel)
    pairs = _alike(compared, cancel)
    groups = groups_of(pairs, compared.likeness, THRESHOLD)
    grouped = {row for group in groups for row in group.rows}
    rows = enumerate(compared.definitions)
    groups += [Group((row,), 1.0) for row, some in rows if len(some) > 1 and row not in grouped]
    whole = _without_parts([_cluster(compared, group) for group in groups])
    return tuple(sorted(whole, key=_order)[: request.limit])


def twins(
    snapshot: Snapshot, encoder: Encoder | None, request: TwinsRequest, cancel: CancelToken
) -> tuple[Cluster, ...]:
    """Return for each definition of a file that is asked about and has a twin elsewhere both, itself first.

    Of more than MOST_ASKED the first are looked at.

    Raises:
        StoreError: when the texts cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    known = _plain(request.known)
    asked = [
        (definition, text)
        for definition, text in definitions_in(snapshot, [request.path])
        if request.line in {None, definition.symbol.start_line}
        and _plain(text) not in known
        and (request.text is None or _stands(text, definition.symbol.start_line, request.text))
    ]
    found = (_twin(snapshot, encoder, definition, text, cancel) for definition, text in asked[:MOST_ASKED])
    return tuple(twin for twin in found if twin is not None)


def _compared(
    snapshot: Snapshot, found: Iterable[tuple[Definition, str]], cancel: CancelToken, *, copies: bool = True
) -> _Compared:
    """Measure definitions; those without a vector are left out."""
    rows: dict[bytes, int] = {}
    compared = _Compared()
    for position, (definition, text) in enumerate(found):
        if position % CHECK_EVERY == 0:
            cancel.check()
        key = blake2b(f"{definition.language} {_plain(text)}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
        row = rows.get(key) if copies else None
        if row is not None:
            compared.definitions[row].append(definition)
            continue
        tokens = tokens_of(text, definition.language)
        if len(tokens) >= MIN_TOKENS and any(number in snapshot.vectors for number in definition.ids):
            rows[key] = len(compared.definitions)
            compared.definitions.append([definition])
            compared.texts.append(text)
            compared.shapes.append(shape_of(tokens))
            compared.n_tokens.append(len(tokens))
    compared.vectors = _means(snapshot.vectors, [some[0].ids for some in compared.definitions])
    return compared


def _means(vectors: VectorIndex, several: Sequence[Sequence[ChunkId]]) -> Matrix:
    """Return the unit mean of the vectors of each run of chunks, shape (runs, dimensions)."""
    if not several:
        return np.empty((0, vectors.dimensions), np.float32)
    rows = np.nan_to_num(vectors.gathered([number for numbers in several for number in numbers]), copy=False)
    sums = np.add.reduceat(rows, np.cumsum([0, *map(len, several[:-1])]), axis=0)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def _alike(compared: _Compared, cancel: CancelToken) -> dict[tuple[int, int], float]:
    """Return the pairs that do the same, with their likeness."""
    if len(compared.definitions) < 2:  # noqa: PLR2004
        return {}
    firsts = [some[0] for some in compared.definitions]
    kinds: dict[tuple[str, bool], int] = {}
    numbers = [kinds.setdefault((one.language, one.is_callable), len(kinds)) for one in firsts]
    sketches = sketches_of(compared.shapes)
    cancel.check()
    pairs = _promising(compared, sketches, pairs_that_meet(sketches, numbers))
    found: dict[tuple[int, int], float] = {}
    for number, (one, other) in enumerate(pairs.tolist()):
        if number % CHECK_EVERY == 0:
            cancel.check()
        if not (firsts[one].overlaps(firsts[other]) or firsts[one].overloads(firsts[other])):
            value = compared.likeness(one, other)
            if value >= THRESHOLD:
                found[one, other] = value
    return found


def _promising(compared: _Compared, sketches: Sketches, pairs: Pairs) -> Pairs:
    """Return the pairs that do the same if their words are the same."""
    n_tokens = np.array(compared.n_tokens)
    n_runs = np.array([len(shape) for shape in compared.shapes])
    kept: list[Pairs] = [pairs[:0]]
    for start in range(0, len(pairs), BATCH):
        some = pairs[start : start + BATCH]
        low, high = some.T
        shape = np.minimum(about_in_common(sketches, some) + MARGIN, 1.0)
        possible = may_reach(
            THRESHOLD,
            shape=shape,
            meaning=np.einsum("ij,ij->i", compared.vectors[low], compared.vectors[high]),
            size=np.minimum(n_tokens[low], n_tokens[high]) / np.maximum(n_tokens[low], n_tokens[high]),
            variety=np.minimum(n_runs[low] / n_tokens[low], n_runs[high] / n_tokens[high]),
            length=length_of(shape, np.minimum(n_runs[low], n_runs[high])),
        )
        kept.append(some[possible])
    return np.concatenate(kept)


def _twin(
    snapshot: Snapshot, encoder: Encoder | None, definition: Definition, text: str, cancel: CancelToken
) -> Cluster | None:
    """Return a definition with the one elsewhere that is most like it, None where nothing does the same."""
    symbol = definition.symbol
    span = Span(definition.path, symbol.start_line, symbol.end_line, definition.cell)
    hits = similar(snapshot, encoder, RelatedRequest(span, CANDIDATES), cancel).hits
    spans = [Span(hit.path, hit.start_line, hit.end_line, hit.cell) for hit in hits]
    spans += [copy for hit in hits for copy in hit.copies]
    spans += [Span(definition.path, 0, 1 << 30, definition.cell)]
    paths = dict.fromkeys(found.path for found in spans if is_compared(found.path))
    elsewhere = (
        (other, lines)
        for other, lines in definitions_in(snapshot, paths)
        if other.language == definition.language
        and other.is_callable == definition.is_callable
        and not other.overlaps(definition)
        and not other.overloads(definition)
        and any(_touches(other, span) for span in spans)
    )
    compared = _compared(snapshot, _chained((definition, text), elsewhere), cancel, copies=False)
    if not compared.definitions or compared.definitions[0][0] is not definition:
        return None
    values = [compared.likeness(0, row) for row in range(1, len(compared.definitions))]
    best = max(range(len(values)), key=lambda row: values[row], default=None)
    if best is None or values[best] < THRESHOLD:
        return None
    return Cluster(values[best], (_member(definition), _member(compared.definitions[best + 1][0])))


def _chained(
    first: tuple[Definition, str], others: Iterator[tuple[Definition, str]]
) -> Iterator[tuple[Definition, str]]:
    yield first
    yield from others


def _touches(definition: Definition, span: Span) -> bool:
    symbol = definition.symbol
    same_file = (definition.path, definition.cell) == (span.path, span.cell)
    return same_file and symbol.start_line < span.end_line and span.start_line < symbol.end_line


def _cluster(compared: _Compared, group: Group) -> Cluster:
    members = [_member(one) for row in group.rows for one in compared.definitions[row]]
    return Cluster(group.likeness, tuple(sorted(members, key=lambda member: (member.path, member.start_line))))


def _member(definition: Definition) -> Member:
    symbol = definition.symbol
    return Member(definition.path, symbol.start_line, symbol.end_line, symbol, definition.language, definition.cell)


def _without_parts(found: list[Cluster]) -> list[Cluster]:
    """Leave out clusters whose every member is a part of another cluster's, such as the methods of two like classes."""
    by_path: dict[str, list[Member]] = {}
    for cluster in found:
        for member in cluster.members:
            by_path.setdefault(member.path, []).append(member)
    return [
        cluster
        for cluster in found
        if not all(any(_holds(outer, one) for outer in by_path[one.path]) for one in cluster.members)
    ]


def _holds(outer: Member, inner: Member) -> bool:
    return (
        (outer.path, outer.cell) == (inner.path, inner.cell)
        and outer.start_line <= inner.start_line
        and inner.end_line <= outer.end_line
        and outer.symbol != inner.symbol
    )


def _order(cluster: Cluster) -> tuple[float, str, int]:
    first = cluster.members[0]
    sizes = [member.end_line - member.start_line for member in cluster.members]
    return -cluster.likeness * (sum(sizes) - max(sizes)), first.path, first.start_line


def _plain(text: str) -> str:
    """Return a text's lines without indentation and without blank ones."""
    return "\n".join([stripped for line in text.splitlines() if (stripped := line.strip())])


def _stands(text: str, line: int, whole: str) -> bool:
    """Whether the lines of a definition stand where they are said to, in what an editor shows now."""
    lines = whole.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _plain("\n".join(lines[line : line + text.count("\n") + 1])) == _plain(text)
