"""Carries out a command for a process that passes it on, on a thread of the owner; see ``relay_shell``."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cognate.cancellation import CancelToken
from cognate.cli import output, search
from cognate.cli.exit_codes import ERROR
from cognate.cli.main import UsageError, build_parser
from cognate.errors import CognateError
from cognate.greeting import LOOKS, framed
from cognate.search.request import CHANGED_WITH, RelatedRequest, SearchRequest
from cognate.types import Answer

if TYPE_CHECKING:
    from cognate.engine import Engine

ANSWERS = {"search": search.answer_search, "related": search.answer_related}


class Here:
    """The engine of this process, for a command; as ``search.Asked``."""

    def __init__(self, engine: "Engine", here: Path, cancel: CancelToken) -> None:
        self.folder, self.here = engine.folder, here
        self._engine, self._cancel = engine, cancel

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search."""
        return self._engine.search(request, self._cancel)

    def related(self, request: RelatedRequest) -> Answer:
        """Answer what code is related to that at a location."""
        return self._engine.related(request, self._cancel)

    def engine(self) -> "Engine":
        """Return the engine."""
        return self._engine


def carried_out(engine: "Engine", words: Sequence[str], cancel: CancelToken) -> bytes | None:
    """Return a command's exit code and what it writes, as ``relay_shell`` reads it; None where it has to do it itself.

    Args:
        engine: of the folder that the command is said to be about.
        words: its working folder, whether it writes to a terminal, ``LOOKS`` as they are there, and its arguments.
        cancel: set when nobody waits for the answer any more.
    """
    here, is_terminal, rest = Path(words[0]), words[1] == "1", words[2:]
    environment, given = dict(zip(LOOKS, rest, strict=False)), rest[len(LOOKS) :]
    try:
        options = build_parser(given[0]).parse_args(given)
    except UsageError:
        return None
    if (here / (options.path or ".")).resolve() != engine.folder:
        return None
    if not engine.wait_until_current(0.0, embedded=not options.now):
        return None
    if given[0] == "related" and options.kind == CHANGED_WITH:
        return None  # That may have to wait for the history, and shows how far it is.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with output.written_to(output.Terminal(out, err, environment, is_terminal=is_terminal)):
        try:
            code = ANSWERS[given[0]](options, Here(engine, here, cancel))
        except CognateError as error:
            output.write_note(str(error))
            code = ERROR
    return bytes([code]) + b"".join(framed(_bytes(file)) for file in (out, err))


def _bytes(file: io.TextIOWrapper) -> bytes:
    file.flush()
    return file.buffer.getvalue()  # pyright: ignore[reportAttributeAccessIssue] - it was made above
