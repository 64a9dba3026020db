"""What a command needs before all else: settings from its arguments, and the model, read while the rest is imported."""

import argparse
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cognate.settings import Settings

if TYPE_CHECKING:
    from cognate.indexing.services import Services


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that a command's arguments stand for."""
    return Settings(
        model=options.model,
        reranker=getattr(options, "reranker", ""),  # Only a search takes one.
        threads=options.threads or (os.cpu_count() or 1),
    )


@contextmanager
def loading_model(options: argparse.Namespace) -> "Generator[Services]":
    """Yield what engines share, with the model on its way: reading it takes as long as importing all the rest."""
    from cognate.indexing.services import Services  # noqa: PLC0415 - imports numpy
    from cognate.process import without_collections  # noqa: PLC0415 - as below

    services, settings = Services(), settings_of(options)

    thread = services.begin_to_load(settings.model, settings.background_threads)
    try:
        with without_collections():  # What is read for one answer stays till its end; an engine collects again.
            yield services
    finally:
        thread.join()
        services.close()
