"""Checks the files of a tantivy index before tantivy maps them: a flipped bit makes it panic, or answer wrongly.

Pure reading; knows tantivy's layout, never tantivy. Every file of a segment ends with a footer: JSON that holds the
CRC-32 of all that goes before, the JSON's length, and a magic number.
"""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

FOOTER = struct.Struct("<II")
FOOTER_MAGIC = 1337
META_FILE = "meta.json"


def check_files(folder: Path) -> None:
    """Hold every file that the last commit refers to against its checksum; files of no commit are ignored.

    Raises:
        ValueError: when one is damaged or missing.
        OSError: when one cannot be read.
    """
    try:
        meta: dict[str, Any] = json.loads((folder / META_FILE).read_bytes())
        segments = {segment["segment_id"].replace("-", ""): segment["deletes"] for segment in meta["segments"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{META_FILE} cannot be understood") from error
    n_found = dict.fromkeys(segments, 0)
    for file in folder.iterdir():
        segment, _, rest = file.name.partition(".")
        if segment not in segments:
            continue
        deletes = segments[segment]
        if rest.endswith("del") and (deletes is None or rest != f"{deletes['opstamp']}.del"):
            continue
        n_found[segment] += 1
        if not _is_whole(file.read_bytes()):
            raise ValueError(f"the checksum of {file.name} does not match")
    if not all(n_found.values()):
        raise ValueError("a segment is missing")


def _is_whole(data: bytes) -> bool:
    if len(data) < FOOTER.size:
        return False
    length, magic = FOOTER.unpack_from(data, len(data) - FOOTER.size)
    end = len(data) - FOOTER.size - length
    if magic != FOOTER_MAGIC or end < 0:
        return False
    try:
        footer = json.loads(data[end : end + length])
        return zlib.crc32(memoryview(data)[:end]) == footer["crc"]
    except (ValueError, KeyError, TypeError):
        return False
