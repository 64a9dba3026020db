"""Answers ``cognate index`` where nothing changed, without opening the index or loading a model."""

import argparse
from pathlib import Path

from cognate.cli import output
from cognate.cli.loading import settings_of
from cognate.index.locations import default_cache_dir
from cognate.indexing import clean_marker


def tell(options: argparse.Namespace) -> bool:
    """Say what is in a folder's index if it is known to be up to date; return whether it is."""
    status = clean_marker.read(default_cache_dir(), Path(options.path).resolve(), settings_of(options))
    if status is None or not status.index.chunks:
        return False
    output.write_status(status, as_json=options.json)
    return True
