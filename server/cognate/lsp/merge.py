"""Puts the answers and states of several workspace folders into one. Pure, apart from reading this process's memory."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cognate.lsp.convert import hit_payload, index_payload
from cognate.lsp.protocol import (
    FacetsPayload,
    FolderCount,
    FolderStatusPayload,
    HitPayload,
    IndexPayload,
    LanguageCount,
    QueuePayload,
    SearchResult,
    StatusResult,
)  # fmt: skip
from cognate.types import Answer, Hit, IndexInfo, State, Status

if TYPE_CHECKING:
    from cognate.engine import Engine
    from cognate.settings import Settings

STATE_ORDER = (
    State.ERROR, State.EMPTY, State.INDEXING, State.CATCHING_UP, State.PAUSED, State.LEXICAL_ONLY, State.READY,
)  # fmt: skip
"""Several folders together are as far as the one that is least far."""

NO_INDEX = IndexInfo(State.EMPTY, generation=0, coverage=0.0, chunks=0)
OPENING = "opening"


@dataclass(slots=True, eq=False)
class Folder:
    """A workspace folder, with its engine once that is open. Changed on the event loop only.

    Attributes:
        uri: as the client spells it.
        name: as the client shows it.
        path: absolute; None when the URI names no folder on this machine.
        settings: resolved; the engine may not have been told yet.
        engine: None until it is open.
        status: the last one that the engine told.
        problem: why there is no engine, fit to show; empty when there is one or will be.
        removed: the client took the folder out of the workspace.
    """

    uri: str
    name: str
    path: str | None
    settings: "Settings"
    engine: "Engine | None" = None
    status: Status | None = None
    problem: str = ""
    removed: bool = False

    @property
    def index(self) -> IndexInfo:
        """How far the index is, as far as the event loop knows."""
        if self.problem:
            return IndexInfo(State.ERROR, 0, 0.0, 0)
        return self.status.index if self.status else NO_INDEX


def merge_index(infos: Sequence[IndexInfo]) -> IndexInfo:
    """Return one state for several indexes; coverage is weighted by chunks, generations add up and so still grow."""
    if not infos:
        return NO_INDEX
    chunks = sum(info.chunks for info in infos)
    covered = sum(info.coverage * info.chunks for info in infos)
    return IndexInfo(
        state=min((info.state for info in infos), key=STATE_ORDER.index),
        generation=sum(info.generation for info in infos),
        coverage=covered / chunks if chunks else min(info.coverage for info in infos),
        chunks=chunks,
    )


def merge_answers(answers: Sequence[tuple[Folder, Answer]], limit: int, encoding: str) -> SearchResult:
    """Return the best hits of all folders; a place in two folders is shown once, ties keep the folders' order."""
    seen: set[tuple[str, int, int | None]] = set()
    hits: list[HitPayload] = []
    ranked = [(folder, hit) for folder, answer in answers for hit in answer.hits]
    if len(answers) > 1:
        ranked.sort(key=lambda pair: -pair[1].score)
    for folder, hit in ranked:
        place = (f"{(folder.path or '').rstrip('/')}/{hit.path}", hit.start_line, hit.cell)
        if place not in seen:
            seen.add(place)
            hits.append(hit_payload(hit, folder.uri, encoding))
    facets = _facets(hit for _, hit in ranked)
    return SearchResult(tuple(hits[:limit]), facets, index_of(answer.index for _, answer in answers))


def index_of(infos: Iterable[IndexInfo]) -> IndexPayload:
    """Return one state for several indexes, in the protocol's words."""
    return index_payload(merge_index(tuple(infos)))


def status_result(folders: Sequence[Folder]) -> StatusResult:
    """Return the state of everything."""
    index = index_of(folder.index for folder in folders)
    parts = tuple(_folder_status(folder) for folder in folders)
    return StatusResult(
        index=index,
        state=index.state,
        files=sum(part.files for part in parts),
        chunks=index.chunks,
        coverage=index.coverage,
        queue=QueuePayload(sum(part.queue.files for part in parts), sum(part.queue.chunks for part in parts)),
        summary=_summary(index, next((part.message for part in parts if part.message), "")),
        model=next((part.model for part in parts if part.model), ""),
        message=next((part.message for part in parts if part.message), ""),
        folders=parts,
        memory=memory_bytes(),
    )


def memory_bytes() -> int | None:
    """Return this process's resident memory, None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()


def _folder_status(folder: Folder) -> FolderStatusPayload:
    index, status = folder.index, folder.status
    return FolderStatusPayload(
        uri=folder.uri,
        name=folder.name,
        state=index.state.value,
        generation=index.generation,
        coverage=index.coverage,
        chunks=index.chunks,
        files=status.files if status else 0,
        queue=QueuePayload(status.queue_files if status else 0, status.queue_chunks if status else 0),
        phase=status.phase if status else "" if folder.problem else OPENING,
        summary=_summary(index_payload(index), folder.problem),
        model=status.model if status else "",
        store=status.store if status else "",
        message=folder.problem or (status.message if status else ""),
        details=status.details if status else {},
    )


def _facets(hits: Iterable[Hit]) -> FacetsPayload:
    folders: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    for hit in hits:
        languages[hit.language] += 1
        folders.update(str(folder) for folder in PurePosixPath(hit.path).parents if str(folder) != ".")
    return FacetsPayload(
        tuple(FolderCount(*pair) for pair in _fullest_first(folders)),
        tuple(LanguageCount(*pair) for pair in _fullest_first(languages)),
    )


def _fullest_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _summary(index: IndexPayload, message: str) -> str:
    share = f"{int(index.coverage * 100)} % of {index.chunks:,} chunks have embeddings"
    return {
        State.EMPTY: "Opening the index",
        State.INDEXING: f"Indexing: {share}",
        State.CATCHING_UP: f"Catching up: {share}",
        State.READY: f"Ready: {index.chunks:,} chunks",
        State.PAUSED: f"Paused: {share}",
        State.LEXICAL_ONLY: f"No model: {index.chunks:,} chunks are searched by words only",
        State.ERROR: f"Error: {message}",
    }[State(index.state)]
