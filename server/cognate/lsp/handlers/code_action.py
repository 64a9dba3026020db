"""``textDocument/codeAction``: "Find related code", offered when the user asks for actions. A read.

Editors also ask by themselves at every move of the cursor, to show a light bulb; those get nothing.
"""

from lsprotocol.types import CodeAction, CodeActionParams, CodeActionTriggerKind

from cognate.lsp.asked import Asked
from cognate.lsp.handlers.search import related_command

TITLE = "Find related code"
KIND = ""
"""The empty kind: it is neither a fix nor a refactoring, and must not run on save."""


def code_action(asked: Asked, params: CodeActionParams) -> list[CodeAction]:
    """Return the action, or nothing."""
    context, uri = params.context, params.text_document.uri
    filtered_out = bool(context.only) and KIND not in (context.only or ())
    if context.trigger_kind is CodeActionTriggerKind.Automatic or filtered_out or asked.owner(uri) is None:
        return []
    return [CodeAction(TITLE, KIND, command=related_command(TITLE, uri, params.range))]
