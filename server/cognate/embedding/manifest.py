"""Owns what a folder of mounted vectors says of itself: ``manifest.json``, read, written and signed.

Any thread. Reads and writes the manifest and its signature; knows shards only by what stands in it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

from cognate import __version__
from cognate.disk import write_whole
from cognate.embedding import signing
from cognate.embedding.shards import (
    DIGEST_BYTES,
    ROWS_AT_MOST,
    Layout,
    Precision,
    Shard,
    is_name,
    open_plain,
    read_exactly,
)
from cognate.embedding.text import TEXT_VERSION
from cognate.errors import MountError

FORMAT = "cognate-vectors-1"
MANIFEST_FILE = "manifest.json"
SIGNATURE_SUFFIX = ".sig"

MOST_BYTES = 16 << 20
MOST_SHARDS = 1 << 16
"""Of a manifest; as they are written, 4,000 million vectors."""

MOST_DIMENSIONS = 8192
CHUNKER = f"cognate {__version__}"
"""What cut the texts. Another one costs coverage and nothing else, as every text is found by its own digest."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies in a folder of vectors.

    Attributes:
        fingerprint: of the encoder: model, tokenizer, limit of tokens, version of the embedding text.
        model: its name, for people.
        layout: of the shards.
        shards: in any order.
        chunker: what cut the texts, for people.
        text_version: of the embedding text; part of the fingerprint, too, and here for people.
    """

    fingerprint: str
    model: str
    layout: Layout
    shards: Sequence[Shard] = ()
    chunker: str = CHUNKER
    text_version: int = TEXT_VERSION

    @property
    def count(self) -> int:
        """How many vectors there are."""
        return sum(shard.count for shard in self.shards)

    def to_bytes(self) -> bytes:
        """Return the content of the file."""
        value = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "model": self.model,
            "text_version": self.text_version,
            "chunker": self.chunker,
            "dimensions": self.layout.dimensions,
            "precision": self.layout.precision.label,
            "vectors": self.count,
            "shards": [
                {"name": s.name, "vectors": s.count, "first": s.first.hex(), "last": s.last.hex()} for s in self.shards
            ],
        }
        return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def signature_name(manifest: bytes) -> str:
    """Return the name of the file with the signature of a manifest.

    It follows from the content, so that a manifest is replaced together with its signature by one rename.
    """
    return blake2b(manifest, digest_size=32).hexdigest() + SIGNATURE_SUFFIX


def read_manifest(folder: Path, key: signing.PublicKey | None = None) -> Manifest:
    """Return the manifest of a folder.

    Args:
        folder: with vectors.
        key: whose signature it must have; None asks for none.

    Raises:
        MountError: when there is none, it is not as it should be, or not signed by that key; a whole sentence.
    """
    data = _file(folder, MANIFEST_FILE, MOST_BYTES)
    if key is not None:
        _check_signature(folder, data, key)
    try:
        return parse_manifest(data)
    except MountError as error:
        raise MountError(f"The vectors in {folder} cannot be used: {MANIFEST_FILE}: {error}.") from error


def parse_manifest(data: bytes) -> Manifest:
    """Return what a manifest says.

    Raises:
        MountError: when it is not as it should be; half a sentence.
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MountError(f"it is not JSON ({str(error)[:100]})") from error
    if not isinstance(value, dict):
        raise MountError("it is not a JSON object")
    fields = cast("Mapping[str, Any]", value)
    if fields.get("format") != FORMAT:
        raise MountError(f"its format is {str(fields.get('format'))[:40]!r}, and only {FORMAT!r} is known")
    precisions = {precision.label: precision for precision in Precision}
    label = fields.get("precision")
    if not isinstance(label, str) or label not in precisions:
        raise MountError(f"the precision is {str(label)[:40]!r}; it must be {' or '.join(precisions)}")
    layout = Layout(_number(fields, "dimensions", 1, MOST_DIMENSIONS), precisions[label])
    listed = fields.get("shards")
    if not isinstance(listed, list):
        raise MountError("it lists no shards")
    if len(cast("list[Any]", listed)) > MOST_SHARDS:
        raise MountError(f"it lists more than {MOST_SHARDS:,} shards")
    shards = [_shard(number, item) for number, item in enumerate(cast("list[Any]", listed))]
    if len({shard.name for shard in shards}) < len(shards):
        raise MountError("it lists a shard twice")
    return Manifest(
        _text(fields, "fingerprint"),
        _text(fields, "model"),
        layout,
        shards,
        _text(fields, "chunker"),
        _number(fields, "text_version", 0, 1 << 31),
    )


def write_manifest(folder: Path, manifest: Manifest, private_key: signing.PrivateKey | None = None) -> None:
    """Let a manifest count in a folder, at once; its shards lie there already.

    Args:
        folder: with the shards.
        manifest: the new one.
        private_key: signs it, if there is one.

    Raises:
        OSError: when the disk refuses; the old one counts.
    """
    for name, data in files_of(manifest, private_key):
        write_whole(folder / name, data, shared=True)


def files_of(manifest: Manifest, private_key: signing.PrivateKey | None) -> list[tuple[str, bytes]]:
    """Return name and content of what is written, in order: the signature, if any, before the manifest that counts."""
    data = manifest.to_bytes()
    signed = [] if private_key is None else [(signature_name(data), signing.sign(private_key, data))]
    return [*signed, (MANIFEST_FILE, data)]


def _check_signature(folder: Path, data: bytes, key: signing.PublicKey) -> None:
    try:
        signature = _file(folder, signature_name(data), signing.SIGNATURE_BYTES)
    except MountError as error:
        raise MountError(
            f"The vectors in {folder} are not used: they are not signed, and vectorsKey asks for a signature."
        ) from error
    if not signing.is_signed(key, data, signature):
        raise MountError(
            f"The vectors in {folder} are not used: they were not signed by the key that vectorsKey names."
        )


def _file(folder: Path, name: str, most_bytes: int) -> bytes:
    try:
        with open_plain(folder / name) as file:
            size = os.fstat(file.fileno()).st_size
            if size > most_bytes:
                raise MountError(f"it is larger than {most_bytes:,} bytes")
            return read_exactly(file, size)
    except MountError as error:
        raise MountError(f"There are no usable vectors in {folder}: {name}: {error}.") from error


def _shard(number: int, item: Any) -> Shard:
    if not isinstance(item, dict):
        raise MountError(f"shard {number} is not a JSON object")
    fields = cast("Mapping[str, Any]", item)
    name = fields.get("name")
    if not isinstance(name, str) or not is_name(name):
        raise MountError(f"the name of shard {number} is not a digest of 64 hexadecimal digits")
    first, last = _digest(fields, "first", number), _digest(fields, "last", number)
    if first > last:
        raise MountError(f"shard {number} ends before it begins")
    return Shard(name, _number(fields, "vectors", 1, ROWS_AT_MOST), first, last)


def _digest(fields: Mapping[str, Any], name: str, number: int) -> bytes:
    text = fields.get(name)
    try:
        digest = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise MountError(f"{name!r} of shard {number} is not a digest of {2 * DIGEST_BYTES} hexadecimal digits")
    return digest


def _number(fields: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise MountError(f"{name!r} is {str(value)[:40]}; it must be a whole number from {low:,} to {high:,}")
    return value


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise MountError(f"{name!r} is missing")
    return value[:200]
