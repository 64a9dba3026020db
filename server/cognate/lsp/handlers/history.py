"""``cognate/history``: commits by words and meaning, or those that made a place what it is. A read."""

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol.types import Location

from cognate.cancellation import CancelToken
from cognate.commits import CommitHit, History, Together, ago, iso_date, seconds_of
from cognate.errors import CancelledError, InvalidRequestError
from cognate.lsp import convert
from cognate.lsp.answers import merge_index
from cognate.lsp.asked import Asked
from cognate.lsp.convert import index_payload
from cognate.lsp.folders import Folder, owners
from cognate.lsp.protocol import HistoryParams
from cognate.lsp.results import CommitPayload, CommitPlacePayload, HistoryResult, TogetherPayload
from cognate.search.request import HistoryRequest
from cognate.types import Span
from cognate.uris import child_uri

if TYPE_CHECKING:
    from cognate.face import EngineFace

log = logging.getLogger(__name__)

USUAL_COMMITS = 20


async def history(asked: Asked, params: HistoryParams) -> HistoryResult:
    """Return commits and the files that usually change together; of a place, from the folder that holds it."""
    limit = params.limit or USUAL_COMMITS
    since = seconds_of(params.since) if params.since else None
    span: Span | None = None
    folders = list(asked.folders)
    if params.text_document is not None:
        folder, span = asked.located(params.text_document.uri, params.span)
        folders = [folder]
    answers = await asyncio.gather(
        *(_ask(asked, folder, _request(params, folder, span, since, limit)) for folder in folders)
    )
    return _result(list(zip(folders, answers, strict=True)), limit, by_score=span is None)


def _request(params: HistoryParams, folder: Folder, span: Span | None, since: int | None, limit: int) -> HistoryRequest:
    opened = [owners([folder], uri) for uri in params.open]
    near = tuple(path for found in opened for _, path in found)
    return HistoryRequest(params.query or "", span, since, params.paths, limit, near)


async def _ask(asked: Asked, folder: Folder, request: HistoryRequest) -> History:
    """Return one folder's answer; a folder that has no engine yet, or fails, answers with its state."""
    engine = folder.engine
    if engine is None:
        return History((), (), folder.index, message=folder.problem, is_complete=False)
    try:
        return await asked.executor.run(partial(_history, engine, request))
    except (InvalidRequestError, CancelledError):
        raise
    except Exception as error:
        if len(asked.folders) == 1:
            raise
        log.exception("The history of the folder %s could not be asked", folder.name)
        return History((), (), folder.index, message=str(error))


def _history(engine: "EngineFace", request: HistoryRequest, cancel: CancelToken) -> History:
    return engine.history(request, cancel)


def _result(answers: list[tuple[Folder, History]], limit: int, *, by_score: bool) -> HistoryResult:
    commits = [_commit(folder, hit) for folder, answer in answers for hit in answer.commits]
    together = [_together(folder, file) for folder, answer in answers for file in answer.together]
    if len(answers) > 1:
        if by_score:
            commits.sort(key=lambda commit: -commit.score)
        together.sort(key=lambda file: -file.score)
    messages = dict.fromkeys(answer.message for _, answer in answers if answer.message)
    is_silent = commits and len(answers) > 1 and not all(answer.message for _, answer in answers)
    return HistoryResult(
        tuple(commits[:limit]),
        tuple(together),
        index_payload(merge_index([answer.index for _, answer in answers])),
        sum(answer.covered for _, answer in answers),
        all(answer.is_complete for _, answer in answers),
        None if is_silent else " ".join(messages) or None,
    )


def _commit(folder: Folder, hit: CommitHit) -> CommitPayload:
    commit = hit.commit
    places = tuple(
        CommitPlacePayload(
            Location(child_uri(folder.uri, place.path), convert.whole_lines(place.start_line, place.end_line)),
            place.symbol,
        )
        for place in hit.places
    )
    date, age = iso_date(commit.date), ago(commit.date, time.time())
    return CommitPayload(commit.id, date, age, commit.subject, commit.body, hit.score, hit.files, places, folder.uri)


def _together(folder: Folder, file: Together) -> TogetherPayload:
    return TogetherPayload(child_uri(folder.uri, file.path), file.path, file.score, file.commits)
