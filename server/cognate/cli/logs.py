"""Where the log of a command goes."""

import argparse
import logging
from pathlib import Path

from cognate.timing import TRACE


def set_up(options: argparse.Namespace) -> None:
    """Send the log to stderr, or to the file that was named; the trace of queries and jobs if it is asked for."""
    level = logging.INFO if getattr(options, "verbose", False) else logging.WARNING
    log_file: Path | None = getattr(options, "log_file", None)
    handler = logging.StreamHandler() if log_file is None else logging.FileHandler(log_file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if getattr(options, "trace", False):
        TRACE.addHandler(handler)
