"""Looks a question up in all its wordings: candidates of each, one pool of the best, what is known of it under each.

Any thread, one snapshot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cognate.arrays import Vector
from cognate.cancellation import CancelToken
from cognate.embedding.ahead import Ahead
from cognate.embedding.encoder import Encoder
from cognate.errors import InvalidRequestError
from cognate.index.snapshot import Snapshot
from cognate.search.copies import without_surplus
from cognate.search.evidence import FirstLook, collect, first_look
from cognate.search.locations import Pointed, point
from cognate.search.pool import Pool, read_pool
from cognate.search.query import Query
from cognate.search.request import SearchRequest
from cognate.search.retrieve import ByWords, Candidates, Depth, by_words, depth_of, retrieve
from cognate.search.scope import allowed_chunks
from cognate.search.signals import Look
from cognate.search.spelling import corrected
from cognate.search.wordings import Wording, centres, read_wordings
from cognate.timing import untimed
from cognate.types import ChunkId


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The best candidates of a question, what is known about them under each wording, and what its filters allow.

    Attributes:
        typed: the wordings as they were typed, the query first.
        wordings: the same as they were read.
        firsts: the first look under each.
        pool: the candidates.
        looks: what is known under each wording.
        allowed: the chunks to choose from, None for all.
    """

    typed: tuple[str, ...]
    wordings: tuple[Wording, ...]
    firsts: tuple[FirstLook, ...]
    pool: Pool
    looks: tuple[Look, ...]
    allowed: frozenset[ChunkId] | None


def look_up(
    snapshot: Snapshot,
    encoder: Encoder | None,
    query: Query,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    ended: Callable[[str], None] = untimed,
) -> Retrieved | None:
    """Return the candidates of a request with their evidence, or None when there can be none.

    Arguments are those of ``search``, and the request's query as it was read.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    if not query.text:
        raise InvalidRequestError("The query is empty: type what you are looking for, in words or as a name.")
    allowed = allowed_chunks(snapshot, query.scope, request.scope)
    typed = {request.query: corrected(snapshot, query, encoder), **read_wordings(query, request.also)}
    ahead = None
    if encoder is not None and len(snapshot.vectors):
        ahead = Ahead(encoder, [read.text for read in typed.values()])
    cancel.check()
    ended("read")
    depth = depth_of(len(typed))
    pointing = [_pointing(snapshot, read, allowed) for read in typed.values()]
    found = [by_words(snapshot, read, pointed, depth, allowed) for read, pointed in pointing]
    ended("words")
    translated = [snapshot.translated.compared(read.text) for read, _ in pointing]
    ended("table")
    vectors: Sequence[Vector | None] = [None] * len(typed)
    if ahead is not None:
        vectors = ahead.vectors()
    ended("embedding")
    wordings = [
        Wording(read, pointed, vector, like)
        for (read, pointed), vector, like in zip(pointing, vectors, translated, strict=True)
    ]
    firsts = [
        first_look(snapshot, wording, _candidates(snapshot, wording, some, near, depth), depth)
        for wording, some, near in zip(wordings, found, centres(vectors), strict=True)
    ]
    cancel.check()
    ended("meaning")
    pool = _pool_of(snapshot, firsts, request)
    cancel.check()
    ended("pool")
    if not pool.records:
        return None
    looks = _looks(snapshot, wordings, firsts, pool)
    ended("signals")
    return Retrieved(tuple(typed), tuple(wordings), tuple(firsts), pool, looks, allowed)


def _pool_of(snapshot: Snapshot, firsts: Sequence[FirstLook], request: SearchRequest) -> Pool:
    return read_pool(
        snapshot,
        sorted({number for first in firsts for number in first.ids}),
        near=request.near.path if request.near else None,
        recent=request.recent,
        with_vectors=any(first.moved is not None for first in firsts),
    )


def _looks(
    snapshot: Snapshot, wordings: Sequence[Wording], firsts: Sequence[FirstLook], pool: Pool
) -> tuple[Look, ...]:
    return tuple(
        Look(wording.query, collect(snapshot, wording, first, pool))
        for wording, first in zip(wordings, firsts, strict=True)
    )


def _pointing(snapshot: Snapshot, query: Query, allowed: frozenset[ChunkId] | None) -> tuple[Query, Pointed]:
    """Return a query and what it points at; if that is a file by its name alone, no name is asked for."""
    pointed = point(snapshot, query, allowed)
    return query.as_file() if query.is_symbol and pointed.files else query, pointed


def _candidates(snapshot: Snapshot, wording: Wording, found: ByWords, near: Vector | None, depth: Depth) -> Candidates:
    """Return what words and meaning find, few copies of anything."""

    def among(allowed: frozenset[ChunkId] | None) -> Candidates:
        if allowed is found.allowed:
            return retrieve(snapshot, wording, found, near, depth)
        again = by_words(snapshot, wording.query, wording.pointed, depth, allowed)
        return retrieve(snapshot, wording, again, near, depth)

    return without_surplus(snapshot, among, found.allowed, kept=wording.pointed.locations)
