"""The command ``cognate``: passes on what it is asked to the process that owns the folder's engine, if there is one.

There the front end runs, and here only bytes go by: such a process costs little more than Python itself, as what it
imports imports next to nothing. All that is out of the ordinary, and folders that nobody owns, are for the whole
program.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def program() -> "NoReturn":
    """Be the process: run one command and end with its exit code."""
    given = sys.argv[1:]
    code = None
    if given[:1] == ["mcp"]:
        from cognate import relay_agent  # noqa: PLC0415 - not for other commands

        code = relay_agent.relayed(given[1:])
    elif given[:1] == ["serve"]:
        from cognate import relay_editor  # noqa: PLC0415

        code = relay_editor.relayed(given[1:])
    elif given[:1] in (["search"], ["related"]):
        from cognate import relay_shell  # noqa: PLC0415

        code = relay_shell.relayed(given)
    if code is None:
        from cognate.cli.main import program as whole_program  # noqa: PLC0415 - imports a hundred modules

        whole_program()
    os._exit(code)
