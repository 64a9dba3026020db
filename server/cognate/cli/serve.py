"""``serve``: the language server of one editor, as a whole process."""

import argparse
from typing import TYPE_CHECKING, Any

from cognate.cli.fronts import fronts
from cognate.cli.main import build_parser, prepare
from cognate.engines import Engines
from cognate.errors import CognateError
from cognate.process import keep_from_collector, without_full_collections

if TYPE_CHECKING:
    from cognate.index.lock import WriterLock
    from cognate.lsp.feed import Feed
    from cognate.streams import Out


def serve(options: argparse.Namespace) -> int:
    """Serve an editor until it leaves; return the exit code."""
    server = _server()
    engines = Engines(has_settings=True, fronts=fronts(stays=True))
    if options.tcp:
        from cognate.hosts import host_and_port  # noqa: PLC0415 - only where an address is given

        address = host_and_port(options.tcp)
        if address is None:
            raise CognateError(f"--tcp takes HOST:PORT, such as 127.0.0.1:7000, not {options.tcp!r}.")
        return server.serve_tcp(*address, engines)
    return server.serve_stdio(engines)


def go_on(feed: "Feed", out: "Out", lock: "WriterLock | None", *, resumes: bool) -> int:
    """Serve an editor of which another thread reads what it says, until it leaves; return the exit code.

    Args:
        feed: what the editor says.
        out: what it is answered on.
        lock: of the index of the folder that is opened first, if this process has taken it already.
        resumes: whether another server has talked with the editor before.
    """
    prepare(build_parser("serve").parse_args(["serve"]))
    server = _server()
    engines = Engines(has_settings=True, fronts=fronts(stays=True), lock=lock)
    return server.serve_fed(feed, out, engines, resumes=resumes)


def _server() -> Any:
    with without_full_collections():  # To look at what is imported while it grows takes half as long as to import it.
        from cognate.lsp import server  # noqa: PLC0415 - imports the language protocol

        keep_from_collector(collect=False)
    return server
