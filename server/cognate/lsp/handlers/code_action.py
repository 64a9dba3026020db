"""``textDocument/codeAction``: "Find related code", offered when the user asks for actions.

Editors also ask by themselves at every move of the cursor, to show a light bulb; those get nothing.
"""

from typing import Any

from cognate.lsp.protocol import COMMAND_RELATED, to_wire
from cognate.lsp.session import Session
from cognate.lsp.standard import CodeActionParams

TITLE = "Find related code"
KIND = ""
"""The empty kind: it is neither a fix nor a refactoring, and must not run on save."""


async def code_action(session: Session, params: CodeActionParams) -> Any:
    """Return the action, or nothing."""
    filtered_out = bool(params.only) and KIND not in (params.only or ())
    if params.automatic or filtered_out or not session.owners(params.uri):
        return []
    argument = {"textDocument": {"uri": params.uri}, "range": to_wire(params.range)}
    return [
        {"title": TITLE, "kind": KIND, "command": {"title": TITLE, "command": COMMAND_RELATED, "arguments": [argument]}}
    ]
