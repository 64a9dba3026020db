"""``cognate/search``: asks the chosen folders' engines and puts their answers together."""

from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.lsp.merge import Folder, merge_answers
from cognate.lsp.protocol import ScopeParams, SearchParams, SearchResult, to_wire
from cognate.lsp.session import Session
from cognate.search.request import SearchRequest
from cognate.types import Answer, Scope

if TYPE_CHECKING:
    from cognate.engine import Engine


async def search(session: Session, params: SearchParams) -> Any:
    """Return hits, best first, and the state of the index."""
    return to_wire(await find(session, params))


async def find(session: Session, params: SearchParams) -> SearchResult:
    """Return the payload of a search."""
    folders = session.choose(params.scope.folders)
    near = session.place(params.context.uri, params.context.range) if params.context else None
    limit = params.limit or default_limit(folders)

    def question(engine: "Engine", folder: Folder, token: CancelToken) -> Answer:
        place = near[1] if near is not None and near[0] is folder else None
        request = SearchRequest(params.query, limit, scope_of(params.scope), place, explain=params.explain)
        return engine.search(request, token)

    return merge_answers(await session.ask(folders, question), limit, session.encoding)


def scope_of(params: ScopeParams) -> Scope:
    """Return an engine's scope; folders are chosen before."""
    languages = frozenset(language.lower() for language in params.languages)
    return Scope(params.include, params.exclude, languages)


def default_limit(folders: list[Folder]) -> int:
    """Return how many hits to give when the request does not say."""
    return max((folder.settings.search_limit for folder in folders), default=1)
