"""What a command needs before all else: settings from its arguments, and the model, read while the rest is imported."""

import argparse
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from cognate.config import Settings
from cognate.errors import ModelError

if TYPE_CHECKING:
    from cognate.engine.services import Services


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
    from cognate.engine.services import Services  # noqa: PLC0415 - imports numpy

    services, settings = Services(), settings_of(options)

    def load() -> None:
        with suppress(ModelError):  # The same is told to the one who asks for the model next.
            services.model(settings.model, settings.background_threads)

    thread = threading.Thread(target=load, name="cognate-model")
    thread.start()
    try:
        yield services
    finally:
        thread.join()
        services.close()
