"""``cognate/search`` and ``cognate/related``: ask the engines that are meant and put their answers together. Reads."""

from typing import TYPE_CHECKING

from lsprotocol.types import Command, Range

from cognate.cancellation import CancelToken
from cognate.errors import InvalidRequestError
from cognate.lsp.answers import Merged, merge, search_result
from cognate.lsp.asked import Asked
from cognate.lsp.folders import Folder
from cognate.lsp.protocol import COMMAND_RELATED, RelatedParams, ScopeParams, SearchParams
from cognate.lsp.results import SearchResult
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.types import Answer, Scope, Span

if TYPE_CHECKING:
    from cognate.face import EngineFace


async def search(asked: Asked, params: SearchParams) -> SearchResult:
    """Return hits, best first, and the state of the index."""
    return search_result(await find(asked, params), asked.encoding, params.query)


async def related(asked: Asked, params: RelatedParams) -> SearchResult:
    """Return code related to that in a range, from the folder that holds it; the range itself is left out."""
    folder, span = asked.located(params.text_document.uri, params.span)
    if folder not in asked.choose(params.scope.folders):
        raise InvalidRequestError("scope.folders must name the folder that holds the document.")
    limit = params.limit or _limit([folder])
    request = RelatedRequest(span, limit, _scope(params.scope), params.explain, kind=params.kind)
    return search_result(await find_related(asked, folder, request), asked.encoding)


def related_command(title: str, uri: str, where: Range) -> Command:
    """Return the command with which clients show code related to a range of a document."""
    return Command(title, COMMAND_RELATED, arguments=[{"textDocument": {"uri": uri}, "range": where}])


async def find(asked: Asked, params: SearchParams) -> Merged:
    """Return the answer of the folders that a search is about."""
    folders = asked.choose(params.scope.folders)
    near = asked.locate(params.context.text_document.uri, params.context.span) if params.context else None
    limit = params.limit or _limit(folders)

    def question(engine: "EngineFace", folder: Folder, token: CancelToken) -> Answer:
        span = near[1] if near is not None and near[0] is folder else None
        request = SearchRequest(
            params.query, limit, _scope(params.scope), span, explain=params.explain, also=params.also
        )
        return engine.search(request, token)

    return merge(await asked.ask(folders, question), limit)


async def find_related(asked: Asked, folder: Folder, request: RelatedRequest) -> Merged:
    """Return one folder's answer to a request for related code."""

    def question(engine: "EngineFace", _folder: Folder, token: CancelToken) -> Answer:
        return engine.related(request, token)

    return merge(await asked.ask([folder], question), request.limit)


async def find_similar(asked: Asked, folder: Folder, span: Span, limit: int) -> Merged:
    """Return code so similar that it may be shown unasked."""
    request = RelatedRequest(span, limit, Scope(), min_score=folder.settings.hover_min_score)
    return await find_related(asked, folder, request)


def _scope(params: ScopeParams) -> Scope:
    """Return an engine's scope; folders are chosen before."""
    return Scope(params.include, params.exclude, frozenset(params.languages))


def _limit(folders: list[Folder]) -> int:
    """Return how many hits to give when the request does not say."""
    return max((folder.settings.search_limit for folder in folders), default=1)
