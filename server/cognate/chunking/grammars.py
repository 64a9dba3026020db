"""Puts a grammar that is packed into its place when its language is first met.

The editor's set-up packs the libraries of all grammars beside their folder, where a tenth of the room is enough for
them (``vscode-client/setup/slim.py``). Where they are as pip installed them there is no archive, and nothing to do.
Imports no tree-sitter.
"""

import importlib
import importlib.util
import os
from functools import cache
from pathlib import Path

PACK = "tree_sitter_language_pack"
PACKED = "grammars.zip"


def unpack(grammar: str) -> None:
    """Put the library of a grammar into its place, unless it is there or not packed.

    Raises:
        OSError: when the disk says no.
        ImportError: when the archive is damaged.
    """
    pack = _pack()
    if pack is None:
        return
    import zipfile  # noqa: PLC0415 - takes 10 ms, which starts without an archive need not pay

    try:
        with zipfile.ZipFile(pack / PACKED) as archive:
            for member in archive.namelist():
                library = pack / member
                if library.name.partition(".")[0] == grammar and not library.exists():
                    _put(archive.read(member), library)
    except zipfile.BadZipFile as error:
        raise ImportError(f"{pack / PACKED} is damaged: {error}") from error


def _put(content: bytes, library: Path) -> None:
    """Write a library as a whole: another process may be at the same."""
    scratch = library.with_name(f"{library.name}.{os.getpid()}")
    scratch.write_bytes(content)
    try:
        scratch.replace(library)
    except OSError:  # Windows replaces no library that is in use.
        scratch.unlink()
        if not library.exists():
            raise
    importlib.invalidate_caches()


@cache
def _pack() -> Path | None:
    spec = importlib.util.find_spec(PACK)
    folder = Path(spec.origin).parent if spec is not None and spec.origin else None
    return folder if folder is not None and (folder / PACKED).exists() else None
