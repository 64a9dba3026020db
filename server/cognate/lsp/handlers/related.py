"""``cognate/related``: code like that at a place, from the folder that holds the place."""

from typing import TYPE_CHECKING, Any

from cognate.cancellation import CancelToken
from cognate.errors import InvalidRequestError
from cognate.lsp.handlers.search import default_limit, scope_of
from cognate.lsp.merge import Folder, merge_answers
from cognate.lsp.protocol import RelatedParams, SearchResult, TextPlace, to_wire
from cognate.lsp.session import Session
from cognate.search.request import RelatedRequest
from cognate.types import Answer, Place, Scope

if TYPE_CHECKING:
    from cognate.engine import Engine

OUTSIDE = "The document lies outside of every workspace folder."


async def related(session: Session, params: RelatedParams) -> Any:
    """Return hits, best first, and the state of the index; the place itself is left out."""
    folder, place = located(session, params.place)
    if folder not in session.choose(params.scope.folders):
        raise InvalidRequestError("scope.folders must name the folder that holds the document.")
    limit = params.limit or default_limit([folder])
    request = RelatedRequest(place, limit, scope_of(params.scope), params.explain)
    return to_wire(await find(session, folder, request))


async def similar(session: Session, folder: Folder, place: Place, limit: int) -> SearchResult:
    """Return code so similar that it may be shown unasked."""
    request = RelatedRequest(place, limit, Scope(), min_score=folder.settings.hover_min_score)
    return await find(session, folder, request)


async def find(session: Session, folder: Folder, request: RelatedRequest) -> SearchResult:
    """Return the payload of a request for related code."""

    def question(engine: "Engine", _folder: Folder, token: CancelToken) -> Answer:
        return engine.related(request, token)

    return merge_answers(await session.ask([folder], question), request.limit, session.encoding)


def located(session: Session, place: TextPlace) -> tuple[Folder, Place]:
    """Return the folder and the place in it.

    Raises:
        InvalidRequestError: when the document lies outside of every workspace folder.
    """
    found = session.place(place.uri, place.range)
    if found is None:
        raise InvalidRequestError(OUTSIDE)
    return found
