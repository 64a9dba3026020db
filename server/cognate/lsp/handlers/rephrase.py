"""``cognate/rephrase`` and ``cognate/rephrased``: what to ask a chat model for other wordings, and its reply. Reads.

The client asks its own chat model. Nothing is sent from here.
"""

from collections import Counter

from cognate.lsp.asked import Asked
from cognate.lsp.protocol import RephrasedParams, RephrasedResult, RephraseParams, RephraseResult
from cognate.search.phrasings import prompt_for, read_reply

MOST_LANGUAGES = 5  # That the prompt names; the rest of a workspace says little about the question.
UNREADABLE = "The chat model's reply holds no other wordings."


async def rephrase(asked: Asked, params: RephraseParams) -> RephraseResult:
    """Return what to give to a chat model."""
    prompt = prompt_for(params.query, await _languages(asked))
    return RephraseResult(prompt.system, prompt.user)


async def rephrased(_asked: Asked, params: RephrasedParams) -> RephrasedResult:
    """Return the wordings in a chat model's reply."""
    wordings = read_reply(params.query, params.reply or "")
    return RephrasedResult(wordings, None if wordings else UNREADABLE)


async def _languages(asked: Asked) -> list[str]:
    """Return the languages of all folders, the commonest first."""
    total: Counter[str] = Counter()
    for folder in asked.folders:
        if folder.engine is not None:
            total.update(await asked.run(folder.engine.languages))
    return [language for language, _ in total.most_common(MOST_LANGUAGES)]
