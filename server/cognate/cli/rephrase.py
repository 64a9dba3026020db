"""Other wordings of the queries of one ``search``, from a chat model. Nothing is sent without ``--rephrase``."""

import argparse
from collections.abc import Callable, Mapping, Sequence

from cognate.cli import output
from cognate.errors import CognateError, EndpointError
from cognate.search.phrasings import MOST_WORDINGS, UNREADABLE, Prompt, prompt_for, read_reply

NO_ENDPOINT = (
    "The option --rephrase-endpoint, or the environment variable COGNATE_REPHRASE_ENDPOINT, must hold the address of a "
    "chat model."
)


class Rephrasing:
    """Asks for wordings as long as the endpoint answers; the search goes on without, and a note says why."""

    def __init__(self, options: argparse.Namespace, languages: Callable[[], Mapping[str, int]]) -> None:
        self._endpoint: str = options.rephrase_endpoint
        self._model: str = options.rephrase_model
        self._languages = languages
        self._wanted: bool = options.rephrase

    def add_to(self, query: str, given: Sequence[str]) -> tuple[str, ...]:
        """Return the wordings that were given and, if wanted, those of the chat model, at most MOST_WORDINGS."""
        if not self._wanted or len(given) >= MOST_WORDINGS:
            return tuple(given)
        try:
            wordings = self._ask(query)
        except CognateError as error:
            output.write_note(f"no other wordings: {error}")
            # What does not answer would make each query that follows wait, too.
            self._wanted = not isinstance(error, EndpointError)
            return tuple(given)
        if not wordings:
            output.write_note(f"no other wordings: {UNREADABLE}")
        return tuple(dict.fromkeys([*given, *wordings]))[:MOST_WORDINGS]

    def _ask(self, query: str) -> tuple[str, ...]:
        if not self._endpoint.strip():
            raise EndpointError(NO_ENDPOINT)
        prompt = prompt_for(query, self._languages())
        return read_reply(query, _reply_to(prompt, self._endpoint, self._model))


def _reply_to(prompt: Prompt, endpoint: str, model: str) -> str:
    """Return what the endpoint replies.

    ``asyncio.run`` would wait at its end for a look-up of a host's name that goes on beyond the time limit.
    """
    import asyncio  # noqa: PLC0415 - as below

    from cognate.chat_endpoint import ask  # noqa: PLC0415 - its HTTP library takes longer to import than a search takes

    loop = asyncio.new_event_loop()
    asking = loop.create_task(ask(endpoint, model, prompt))
    try:
        return loop.run_until_complete(asking)
    except KeyboardInterrupt:
        asking.cancel()
        loop.run_until_complete(asyncio.wait([asking]))
        raise
    finally:
        loop.close()
