"""Puts the answers and states of several workspace folders into one. Pure, apart from reading this process's memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cognate.lsp.convert import facets_payload, hit_payload, index_payload
from cognate.lsp.folders import NO_INDEX, Folder
from cognate.lsp.results import FolderStatusPayload, IndexPayload, QueuePayload, SearchResult, StatusResult
from cognate.process import memory_bytes
from cognate.search.query import with_suggestion
from cognate.types import NO_ADVICE, Advice, Answer, Facets, Hit, IndexInfo, Span, State

STATE_ORDER = (
    State.ERROR, State.EMPTY, State.INDEXING, State.CATCHING_UP, State.PAUSED, State.LEXICAL_ONLY, State.READY,
)  # fmt: skip
"""Several folders together are as far as the one that is least far."""

OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Found:
    """A hit, the folder that its path is relative to, and where its text also stands, each with its folder."""

    folder: Folder
    hit: Hit
    copies: tuple[tuple[Folder, Span], ...] = ()

    @classmethod
    def of(cls, folder: Folder, hit: Hit) -> "Found":
        """Return a hit as its folder gave it."""
        return cls(folder, hit, tuple((folder, copy) for copy in hit.copies))

    def with_copy(self, other: "Found") -> "Found":
        """Return the hit with another location of its text, and the locations that one has."""
        hit = other.hit
        locations = ((other.folder, Span(hit.path, hit.start_line, hit.end_line, hit.cell)), *other.copies)
        known = {_location(self.folder, self.hit), *(_location(folder, span) for folder, span in self.copies)}
        fresh = {_location(folder, span): (folder, span) for folder, span in locations}
        return replace(self, copies=(*self.copies, *(location for key, location in fresh.items() if key not in known)))


@dataclass(frozen=True, slots=True)
class Merged:
    """The answer of several folders: hits, best first, the state of all indexes, the counts and the advice of all."""

    found: tuple[Found, ...]
    index: IndexInfo
    facets: Facets
    advice: Advice = NO_ADVICE


def merge(answers: Sequence[tuple[Folder, Answer]], limit: int) -> Merged:
    """Return the best hits of all folders, ties in the folders' order; one text, or one location, is shown once."""
    ranked = [Found.of(folder, hit) for folder, answer in answers for hit in answer.hits]
    if len(answers) > 1:
        ranked.sort(key=lambda found: -found.hit.score)
    first: dict[object, Found] = {}
    for found in ranked:
        text = found.hit.digest or _location(found.folder, found.hit)
        first[text] = first[text].with_copy(found) if text in first else found
    return Merged(
        tuple(first.values())[:limit],
        merge_index([answer.index for _, answer in answers]),
        merge_facets([answer.facets for _, answer in answers]),
        merge_advice([answer for _, answer in answers]),
    )


def _location(folder: Folder, where: Hit | Span) -> tuple[str, int, int | None]:
    return f"{(folder.path or '').rstrip('/')}/{where.path}", where.start_line, where.cell


def merge_index(infos: Sequence[IndexInfo]) -> IndexInfo:
    """Return one state for several indexes; coverages are weighted by chunks, generations add up and so still grow."""
    if not infos:
        return NO_INDEX
    chunks = sum(info.chunks for info in infos)

    def covered(coverages: Sequence[float]) -> float:
        weighted = sum(share * info.chunks for share, info in zip(coverages, infos, strict=True))
        return weighted / chunks if chunks else min(coverages)

    return IndexInfo(
        state=min((info.state for info in infos), key=STATE_ORDER.index),
        generation=sum(info.generation for info in infos),
        coverage=covered([info.coverage for info in infos]),
        chunks=chunks,
        word_coverage=covered([info.word_coverage for info in infos]),
    )


def merge_facets(several: Sequence[Facets]) -> Facets:
    """Return the counts of several answers added up, the fullest first, then by name."""
    return Facets(
        folders=_added(facets.folders for facets in several), languages=_added(facets.languages for facets in several)
    )


def merge_advice(answers: Sequence[Answer]) -> Advice:
    """Return what the first folder with advice says, unless another one passed the filters well."""
    given = [answer.advice for answer in answers if answer.advice.message]
    if not given or any(answer.hits and not answer.advice.message for answer in answers):
        return NO_ADVICE
    suggestions = dict.fromkeys(suggestion for advice in given for suggestion in advice.suggestions)
    return Advice(given[0].message, tuple(suggestions))


def _added(several: Iterable[tuple[tuple[str, int], ...]]) -> tuple[tuple[str, int], ...]:
    total: Counter[str] = Counter()
    for counts in several:
        total.update(dict(counts))
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def search_result(merged: Merged, encoding: str, query: str = "") -> SearchResult:
    """Return an answer as the wire has it; suggestions are about the query, if it answers one."""
    suggestions = merged.advice.suggestions
    hits = tuple(
        hit_payload(f.hit, f.folder.uri, encoding, [(folder.uri, span) for folder, span in f.copies])
        for f in merged.found
    )
    return SearchResult(
        hits,
        index_payload(merged.index),
        facets_payload(merged.facets),
        merged.advice.message or None,
        suggestions or None,
        tuple(with_suggestion(query, suggestion) for suggestion in suggestions if query) or None,
    )


def index_of(folders: Iterable[Folder]) -> IndexPayload:
    """Return one state for the indexes of several folders."""
    return index_payload(merge_index([folder.index for folder in folders]))


def status_result(folders: Sequence[Folder]) -> StatusResult:
    """Return the state of everything."""
    index = merge_index([folder.index for folder in folders])
    parts = tuple(_folder_status(folder) for folder in folders)
    return StatusResult(
        index=index_payload(index),
        state=index.state.value,
        summary=index.summary,
        short=index.short,
        files=sum(part.files for part in parts),
        chunks=index.chunks,
        coverage=index.coverage,
        word_coverage=index.word_coverage,
        queue=QueuePayload(sum(part.queue.files for part in parts), sum(part.queue.chunks for part in parts)),
        model=next((part.model for part in parts if part.model), ""),
        message=next((part.message for part in parts if part.message), ""),
        folders=parts,
        memory=memory_bytes(),
    )


def _folder_status(folder: Folder) -> FolderStatusPayload:
    index, status = folder.index, folder.status
    return FolderStatusPayload(
        uri=folder.uri,
        name=folder.name,
        state=index.state.value,
        summary=index.summary,
        generation=index.generation,
        coverage=index.coverage,
        word_coverage=index.word_coverage,
        chunks=index.chunks,
        files=status.files if status else 0,
        queue=QueuePayload(status.queue_files if status else 0, status.queue_chunks if status else 0),
        phase=status.phase if status else "" if folder.problem else OPENING,
        model=status.model if status else "",
        store=status.store if status else "",
        message=folder.problem or (status.message if status else ""),
        details=status.details_and_times if status else {},
    )
