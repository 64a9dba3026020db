"""What a command needs first: settings and paths from its arguments, and the model, read while the rest is imported."""

import argparse
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognate.errors import WorkspaceError
from cognate.settings import Settings
from cognate.workspace.patterns import NOTEBOOK_SUFFIX

if TYPE_CHECKING:
    from cognate.indexing.services import Services


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the settings that a command's arguments stand for."""
    return Settings(
        model=options.model,
        reranker=getattr(options, "reranker", ""),  # Only a search takes one.
        vectors=tuple(str(Path(folder).absolute()) for folder in options.vectors),
        vectors_key=str(Path(options.vectors_key).absolute()) if options.vectors_key else "",
        threads=options.threads or (os.cpu_count() or 1),
    )


def inside(folder: Path, file: str, here: Path) -> str:
    """Return a path as people give it, relative to the working folder or to the workspace, relative to the latter.

    Args:
        folder: the workspace.
        file: as it was given.
        here: the working folder.

    Raises:
        WorkspaceError: when there is no such file in the workspace.
    """
    for candidate in (here / file, folder / file):
        resolved = candidate.parent.resolve() / candidate.name
        if resolved.exists() and resolved.is_relative_to(folder):
            return resolved.relative_to(folder).as_posix()
    raise WorkspaceError(f"There is no file {file} in {folder}.")


def check_line(folder: Path, path: str, line: int) -> None:
    """Check that a file has a line, as it lies on disk; the lines of a notebook count within cells and are not checked.

    Args:
        folder: the workspace.
        path: of the file, relative to the workspace.
        line: counted from 1.

    Raises:
        WorkspaceError: when it has fewer lines, or cannot be read.
    """
    try:
        data = (folder / path).read_bytes()
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be read: {error.strerror}.") from error
    if b"\0" not in data:
        text = data.decode("latin-1")  # No encoding without NUL has the byte of a line end in another character.
    else:
        from cognate.chunking import decode  # noqa: PLC0415 - imports all that parses

        text = decode(data) or ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.count("\n") + (not text.endswith("\n"))
    if text and line > lines and not path.endswith(NOTEBOOK_SUFFIX):
        counted = "one line" if lines == 1 else f"{lines:,} lines"
        raise WorkspaceError(f"{path} has {counted}; there is no line {line}.")


@contextmanager
def loading_model(options: argparse.Namespace) -> "Generator[Services]":
    """Yield what engines share, with the model on its way: reading it takes as long as importing all the rest."""
    from cognate.indexing.services import Services  # noqa: PLC0415 - imports numpy
    from cognate.process import without_collections  # noqa: PLC0415 - as above

    services, settings = Services(), settings_of(options)
    thread = services.begin_to_load(settings.model, settings.background_threads)
    try:
        with without_collections():  # What is read for one answer stays till its end; an engine collects again.
            yield services
    finally:
        thread.join()
        services.close()
