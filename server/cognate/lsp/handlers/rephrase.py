"""``cognate/rephrase`` and ``cognate/rephrased``: what to ask a chat model for other wordings, and its reply. Reads.

A client asks its own chat model; where it has none, the endpoint of the settings is asked from here.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from cognate.errors import CognateError, EndpointError
from cognate.lsp.asked import Asked
from cognate.lsp.protocol import RephrasedParams, RephraseParams
from cognate.lsp.results import RephrasedResult, RephraseResult
from cognate.search.phrasings import UNREADABLE, Prompt, prompt_for, read_reply

log = logging.getLogger(__name__)

NO_ENDPOINT = "No chat model is set up: the setting rephraseEndpoint takes the address of one."


async def rephrase(asked: Asked, params: RephraseParams) -> RephraseResult:
    """Return what to give to a chat model."""
    prompt = prompt_for(params.query, await _languages(asked))
    return RephraseResult(prompt.system, prompt.user)


async def rephrased(asked: Asked, params: RephrasedParams) -> RephrasedResult:
    """Return the wordings in a chat model's reply; without one, in that of the endpoint."""
    if params.reply is None:
        try:
            reply = await _ask_endpoint(asked, params.query)
        except CognateError as error:
            return RephrasedResult((), str(error))
    else:
        reply = params.reply
    wordings = read_reply(params.query, reply)
    if not wordings:
        log.warning("%s The search goes on without.", UNREADABLE)
    return RephrasedResult(wordings, None if wordings else UNREADABLE)


async def _ask_endpoint(asked: Asked, query: str) -> str:
    """Return what the endpoint of the first folder that has one replies."""
    settings = next((folder.settings for folder in asked.folders if folder.settings.rephrase_endpoint.strip()), None)
    if settings is None:
        raise EndpointError(NO_ENDPOINT)
    prompt = prompt_for(query, await _languages(asked))
    ask = await asked.run(_how_to_ask)
    return await ask(settings.rephrase_endpoint, settings.rephrase_model, prompt)


def _how_to_ask() -> Callable[[str, str, Prompt], Awaitable[str]]:
    from cognate.chat_endpoint import ask  # noqa: PLC0415 - its HTTP library takes long to import

    return ask


async def _languages(asked: Asked) -> Mapping[str, int]:
    """Return how many files of all folders are in each language."""
    total: Counter[str] = Counter()
    for folder in asked.folders:
        if folder.engine is not None:
            total.update(await asked.run(folder.engine.languages))
    return total
