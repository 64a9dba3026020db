"""``cognate/status`` and ``cognate/explainFile``: what the index holds, and why a file is in it or not. Reads."""

from dataclasses import replace

from cognate.lsp.answers import index_of, status_result
from cognate.lsp.asked import Asked, outside
from cognate.lsp.protocol import ExplainFileParams, NoParams
from cognate.lsp.results import ExplainFileResult, StatusResult


async def status(asked: Asked, _params: NoParams) -> StatusResult:
    """Return the state of everything, asked anew."""
    return status_result(
        [
            folder if folder.engine is None else replace(folder, status=await asked.run(folder.engine.status))
            for folder in asked.folders
        ]
    )


async def explain_file(asked: Asked, params: ExplainFileParams) -> ExplainFileResult:
    """Return whether a file is indexed and the rule that decided; files outside of all folders have an answer too."""
    uri = params.text_document.uri
    owner = asked.owner(uri)
    if owner is None:
        rule = outside(uri)
        return ExplainFileResult(uri, "", False, rule, 0, rule, index_of(asked.folders))
    folder, path = owner
    engine, index = folder.engine, index_of([folder])
    if engine is None:
        rule = folder.problem or "The folder is still being opened."
        return ExplainFileResult(uri, path, False, rule, 0, f"{path} is not indexed. {rule}", index)
    found = await asked.run(lambda: engine.explain(path))
    counted = f"{found.chunks} chunk{'' if found.chunks == 1 else 's'}"
    verdict = f"is indexed ({counted})" if found.indexed else "is not indexed"
    summary = f"{found.path} {verdict}. {found.rule}"
    return ExplainFileResult(uri, found.path, found.indexed, found.rule, found.chunks, summary, index)
