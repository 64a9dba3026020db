"""``cognate/narrow``: a query limited to each folder or language in which it finds something. A read."""

from cognate.lsp.asked import Asked
from cognate.lsp.handlers.search import find
from cognate.lsp.protocol import BY_FOLDER, NarrowParams, SearchParams
from cognate.lsp.results import ChoicePayload, NarrowResult
from cognate.search.query import LANGUAGE, PATH, with_filter
from cognate.types import NO_FACETS


async def narrow(asked: Asked, params: NarrowParams) -> NarrowResult:
    """Return the choices: the query without such a limit, then workspace folders, then what holds most answers."""
    by_folder, scope = params.by == BY_FOLDER, params.scope
    kind = PATH if by_folder else LANGUAGE
    wide = with_filter(params.query, kind)
    facets = (await find(asked, SearchParams(wide, params.also, 1, scope))).facets if wide else NO_FACETS
    counts = facets.folders if by_folder else facets.languages
    about = {name: f"{count} result{'' if count == 1 else 's'}" for name, count in counts}
    first = ChoicePayload("Every language", "", wide, scope.folders)
    roots: list[ChoicePayload] = []
    if by_folder:
        first = ChoicePayload("Everywhere", "", wide, ())
        if len(asked.folders) > 1:
            roots = [ChoicePayload(root.name, "workspace folder", wide, (root.uri,)) for root in asked.folders]
        about = about | {name: "above the open file" for name in _above(asked, params) if name not in about}
    inside = [
        ChoicePayload(
            name, said, with_filter(params.query, kind, _anchored(name) if by_folder else name), scope.folders
        )
        for name, said in about.items()
    ]
    return NarrowResult((first, *roots, *inside))


def _above(asked: Asked, params: NarrowParams) -> list[str]:
    """Return every folder above the open file, outermost first; none where paths of several workspace folders mix."""
    owner = asked.owner(params.text_document.uri) if params.text_document and len(asked.folders) == 1 else None
    names = owner[1].split("/")[:-1] if owner else []
    return ["/".join(names[: count + 1]) for count in range(len(names))]


def _anchored(folder: str) -> str:
    """Return a folder as a filter's value; a single name means the folder at the top of the workspace."""
    return f"{folder}/" if "/" in folder else f"/{folder}/"
