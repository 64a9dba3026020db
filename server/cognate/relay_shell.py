"""``cognate search`` and ``related`` beside a process that owns the folder's engine: bytes of its answer go by here.

Only arguments that say what to look for and how to show it are passed on; the owner reads them as the whole program
would. All else is for the whole program: other settings, a chat model, files of queries, an index that is not current.
"""

import os
import sys

from cognate.errors import CognateError
from cognate.greeting import LOOKS, SHELL, attached, exactly, received, write_all
from cognate.places import cache_place, index_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = frozenset({"search", "related"})
FLAGS = frozenset({"--json", "--explain", "--now", "--trace"})
WITH_VALUE = frozenset({"-n", "--limit", "--lang", "--include", "--exclude", "--also", "--kind"})
MOST_BYTES = 1 << 28
STDOUT, STDERR = 1, 2
INTERRUPTED, READER_LEFT = 130, 0


def relayed(given: "Sequence[str]") -> int | None:
    """Have the owner of the engine carry out a command, and return the exit code; None where it cannot.

    Args:
        given: the arguments, the command first.
    """
    folder = _folder(given)
    try:
        answer = None if folder is None else _answer(folder, given)
    except (CognateError, OSError):  # The owner cannot do it, or has ended.
        answer = None
    except KeyboardInterrupt:
        return INTERRUPTED
    if answer is None:
        return None
    code, out, err = answer
    try:
        write_all(STDOUT, out)
        write_all(STDERR, err)
    except BrokenPipeError:
        return READER_LEFT
    return code


def _answer(folder: str, given: "Sequence[str]") -> tuple[int, bytes, bytes] | None:
    """Return the exit code and what is to be written; None where there is no owner, or it need not know this terminal.

    Raises:
        OSError: when the owner ends, or leaves this to the whole program.
        CognateError: when it does not serve this process.
    """
    if sys.stdout is None or sys.stdout.encoding.lower() != "utf-8":  # pyright: ignore[reportUnnecessaryComparison]
        return None
    is_terminal = sys.stdout.isatty()
    if is_terminal and sys.platform == "win32":
        return None  # Its console has to be told to understand styles.
    looks = [str(int(is_terminal)), *(os.environ.get(name, "") for name in LOOKS)]
    connection = attached(index_place(cache_place(), folder), SHELL, os.getcwd(), *looks, *given)  # noqa: PTH109
    if connection is None:
        return None
    return exactly(connection, 1)[0], received(connection, MOST_BYTES), received(connection, MOST_BYTES)


def _folder(given: "Sequence[str]") -> str | None:
    """Return the folder that a command is about, None where its arguments are out of the ordinary."""
    if not given or given[0] not in COMMANDS:
        return None
    places: list[str] = []
    rest = iter(given[1:])
    for argument in rest:
        if argument in WITH_VALUE:
            if next(rest, "-").startswith("-"):
                return None
        elif not argument.startswith("-"):
            places.append(argument)
        elif argument not in FLAGS:
            return None
    return os.path.realpath(places[1] if len(places) > 1 else ".") if 0 < len(places) <= 2 else None  # noqa: PLR2004
