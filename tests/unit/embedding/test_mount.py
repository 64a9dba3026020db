"""Vectors of others: found by digest, proved when they are read, and left out where anything is wrong with them."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cognate.arrays import Matrix
from cognate.embedding import sharing, signing
from cognate.embedding.cache import VectorCache
from cognate.embedding.manifest import MANIFEST_FILE, Manifest, read_manifest, signature_name, write_manifest
from cognate.embedding.mount import KnownVectors, open_mount, open_mounts
from cognate.embedding.shards import Layout, Precision, packed
from cognate.embedding.text import digest
from cognate.errors import MountError
from fixtures import GatedEncoder

ENCODER = GatedEncoder()
LAYOUT = Layout(ENCODER.dimensions, Precision.FLOAT16)
COUNT = 300
"""Vectors of a mount in these tests, in three shards."""


def some(count: int, seed: int = 1, dimensions: int = ENCODER.dimensions) -> tuple[list[bytes], Matrix]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return [digest(f"{seed}/{i}") for i in range(count)], vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


DIGESTS, VECTORS = some(COUNT)


def keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a pair of keys, and return the files of the private and of the public one."""
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    none = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none))
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
    return private, public


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mount of three shards, signed; beside it lie ``ours.pub``, which signed it, and ``other.pub``."""
    monkeypatch.setattr(sharing, "ROWS_WRITTEN", 100)
    private, _ = keys(tmp_path, "ours")
    keys(tmp_path, "other")
    mount = tmp_path / "mount"
    manifest = sharing.manifest_for(mount, ENCODER, Precision.FLOAT16)
    sharing.add_vectors(mount, manifest, DIGESTS, VECTORS, signing.read_private_key(private))
    return mount


@pytest.mark.parametrize(("precision", "least"), [(Precision.FLOAT16, 0.999_999), (Precision.INT8, 0.999_9)])
def test_vectors_come_back_by_digest_of_unit_length(tmp_path: Path, precision: Precision, least: float):
    digests, vectors = some(500, dimensions=384)
    encoder = GatedEncoder()
    encoder.dimensions = 384
    sharing.add_vectors(tmp_path, sharing.manifest_for(tmp_path, encoder, precision), digests, vectors)
    mount = open_mount(tmp_path, None, encoder)
    unknown = [digest("unknown"), bytes(16), b"\xff" * 16]
    found = mount.get([*digests[::-1], *unknown])
    assert set(found) == set(digests)
    got = np.stack([found[d] for d in digests])
    assert got.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1, atol=1e-6)
    assert (got * vectors).sum(axis=1).min() > least
    assert mount.held([digests[7], *unknown]) == {digests[7]}
    assert mount.get([]) == {}


def test_half_precision_gives_what_the_cache_would_give(tmp_path: Path):
    digests, vectors = some(50)
    cache = VectorCache(None, "f", ENCODER.dimensions)
    cache.put(digests, vectors)
    sharing.add_vectors(tmp_path, sharing.manifest_for(tmp_path, ENCODER, Precision.FLOAT16), digests, vectors)
    found, cached = open_mount(tmp_path, None, ENCODER).get(digests), cache.get(digests)
    assert all((found[d] == cached[d]).all() for d in digests)
    cache.close()


def test_what_is_added_later_lies_in_new_shards_and_the_old_manifest_still_counts(folder: Path):
    before = open_mount(folder, None, ENCODER)
    old = {file.name: file.read_bytes() for file in folder.glob("*.shard")}
    more, vectors = some(40, seed=2)
    manifest = sharing.manifest_for(folder, ENCODER, Precision.FLOAT16)
    manifest = sharing.add_vectors(folder, manifest, [*more, *DIGESTS], np.concatenate([vectors, VECTORS]))
    assert (manifest.count, len(manifest.shards)) == (COUNT + 40, 4)
    assert {name: (folder / name).read_bytes() for name in old} == old
    assert len(before.get([*DIGESTS, *more])) == COUNT
    assert len(open_mount(folder, None, ENCODER).get([*DIGESTS, *more])) == COUNT + 40
    again = sharing.add_vectors(folder, manifest, [*more, *DIGESTS], np.concatenate([vectors, VECTORS]))
    assert again.shards == manifest.shards


def test_a_vector_that_is_none_is_not_passed_on(tmp_path: Path):
    vectors = VECTORS.copy()
    vectors[3], vectors[5], vectors[7] = np.nan, 0.0, 2.0
    empty = sharing.manifest_for(tmp_path, ENCODER, Precision.INT8)
    assert sharing.add_vectors(tmp_path, empty, DIGESTS, vectors).count == COUNT - 3


def test_vectors_of_another_kind_are_not_added(folder: Path):
    with pytest.raises(MountError, match=r"holds vectors of gated .* Write into another folder"):
        sharing.manifest_for(folder, ENCODER, Precision.INT8)


# -- damaged and hostile mounts


def change(**fields: Any) -> Callable[[Path], None]:
    """Return what changes fields of the manifest; None removes one."""

    def damage(folder: Path) -> None:
        value = json.loads((folder / MANIFEST_FILE).read_bytes()) | fields
        (folder / MANIFEST_FILE).write_text(json.dumps({k: v for k, v in value.items() if v is not None}))

    return damage


def change_shard(**fields: Any) -> Callable[[Path], None]:
    """Return what changes what the manifest says of the first shard."""

    def damage(folder: Path) -> None:
        shards = json.loads((folder / MANIFEST_FILE).read_bytes())["shards"]
        change(shards=[shards[0] | fields, *shards[1:]])(folder)

    return damage


def write(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


def in_shard(damage: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what does something to the file of the first shard."""
    return lambda folder: damage(first_shard(folder)) and None


def first_shard(folder: Path) -> Path:
    return folder / read_manifest(folder).shards[0].file_name


def flip(offset: int) -> Callable[[Path], None]:
    """Return what turns a bit of the first shard over; below zero from the end."""

    def damage(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[offset] ^= 1
        file.write_bytes(data)

    return in_shard(damage)


def forge(change_index: Callable[[bytearray], object], change_rows: Callable[[Matrix], object]) -> Any:
    """Return what puts a shard in place of the first whose name and row digests are right, and that lies otherwise."""

    def damage(folder: Path) -> None:
        manifest = read_manifest(folder)
        shard, vectors = manifest.shards[0], VECTORS[:100].copy()
        change_rows(vectors)
        with np.errstate(all="ignore"):
            _, data = packed(LAYOUT, DIGESTS[:100], LAYOUT.encode(vectors))
        size = LAYOUT.index_bytes(100)
        index = bytearray(data[:size])
        change_index(index)
        name = blake2b(index, digest_size=32).hexdigest()
        (folder / f"{name}.shard").write_bytes(bytes(index) + data[size:])
        first, last = index[16:32].hex(), index[16 + 99 * 16 : 16 + 100 * 16].hex()
        change_shard(name=name, first=first, last=last)(folder)
        (folder / shard.file_name).unlink()

    return damage


def nothing(_: object) -> None:
    return


def swap_digests(index: bytearray) -> None:
    index[32:48], index[48:64] = index[48:64], index[32:48]


def repeat_digest(index: bytearray) -> None:
    index[48:64] = index[32:48]


def replace_by_link(file: Path) -> None:
    aside = file.with_name("aside")
    file.rename(aside)
    file.symlink_to(aside)


def replace_by_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


NESTED = b'{"format": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

REFUSED_WHOLE = {
    "no manifest": (lambda folder: (folder / MANIFEST_FILE).unlink(), "manifest.json: it cannot be opened"),
    "no folder": (shutil.rmtree, "manifest.json: it cannot be opened"),
    "no JSON": (write(MANIFEST_FILE, b"{"), "it is not JSON"),
    "no text": (write(MANIFEST_FILE, b"\xff\xfe\x00"), "it is not JSON"),
    "nested without end": (write(MANIFEST_FILE, NESTED), "it is not JSON"),
    "no object": (write(MANIFEST_FILE, b"[]"), "it is not a JSON object"),
    "endless": (lambda folder: os.truncate(folder / MANIFEST_FILE, 1 << 40), "it is larger than"),
    "another format": (change(format="cognate-vectors-2"), "its format is 'cognate-vectors-2'"),
    "another model": (change(fingerprint="0" * 32), "they are of the model gated .fingerprint 000000000000."),
    "other dimensions": (change(dimensions=16), "they are of the model gated"),
    "no dimensions": (change(dimensions=True), "'dimensions' is True; it must be a whole number from 1"),
    "unknown precision": (change(precision="float8"), "the precision is 'float8'"),
    "no fingerprint": (change(fingerprint=None), "'fingerprint' is missing"),
    "no shards": (change(shards={}), "it lists no shards"),
    "a path for a name": (change_shard(name="../../../etc/passwd"), "the name of shard 0 is not a digest"),
    "a path of 64 characters": (change_shard(name="/" + "a" * 63), "the name of shard 0 is not a digest"),
    "a line end in a name": (change_shard(name="a" * 64 + "\n"), "the name of shard 0 is not a digest"),
    "more vectors than fit": (change_shard(vectors=1 << 40), "'vectors' is 1099511627776; it must be"),
    "fewer than none": (change_shard(vectors=-1), "'vectors' is -1; it must be"),
    "no digest": (change_shard(first="zz" * 16), "'first' of shard 0 is not a digest"),
    "the end before the beginning": (change_shard(first="ff" * 16, last="00" * 16), "shard 0 ends before it begins"),
    "a shard twice": (
        lambda folder: change(shards=json.loads((folder / MANIFEST_FILE).read_bytes())["shards"] * 2)(folder),
        "it lists a shard twice",
    ),
}

SHARD_REFUSED = {
    "truncated": (in_shard(lambda file: os.truncate(file, file.stat().st_size - 1)), "it does not have"),
    "longer": (in_shard(lambda file: os.truncate(file, file.stat().st_size + 1)), "it does not have"),
    "empty": (in_shard(lambda file: os.truncate(file, 0)), "it does not have"),
    "gone": (in_shard(Path.unlink), "it cannot be opened"),
    "a link": (in_shard(replace_by_link), "it cannot be opened"),
    "a pipe": (in_shard(replace_by_pipe), "it is not an ordinary file"),
    "a folder": (in_shard(lambda file: (file.unlink(), file.mkdir())), "it (is not an ordinary file|cannot be opened)"),
    "one row more than there is": (change_shard(vectors=101), "it does not have"),
    "a changed row": (flip(-1), "row .* is damaged"),
    "a changed digest": (flip(20), "its index is not the one that it is named after"),
    "a changed header": (flip(0), "its index is not the one that it is named after"),
    "unsorted digests": (forge(swap_digests, nothing), "its digests are not sorted"),
    "a digest twice": (forge(repeat_digest, nothing), "its digests are not sorted"),
    "another header": (forge(lambda index: index.__setitem__(12, 16), nothing), "its header is not that of a shard"),
    "another range": (change_shard(first="00" * 16), "it does not begin and end where the manifest says"),
    "not a number": (forge(nothing, lambda rows: rows.__setitem__(4, np.nan)), "not of unit length"),
    "infinity": (forge(nothing, lambda rows: rows.__setitem__((4, 1), np.inf)), "not of unit length"),
    "a vector that outshines all": (forge(nothing, lambda rows: rows.__setitem__(4, 100.0)), "not of unit length"),
    "no direction": (forge(nothing, lambda rows: rows.__setitem__(4, 0.0)), "not of unit length"),
}

UNSIGNED = {
    "no signature": (lambda folder: [file.unlink() for file in folder.glob("*.sig")], "they are not signed"),
    "changed since it was signed": (change(model="better"), "they are not signed"),
    "a signature of something else": (
        lambda folder: next(folder.glob("*.sig")).write_bytes(bytes(64)),
        "they were not signed by the key",
    ),
    "half a signature": (lambda folder: os.truncate(next(folder.glob("*.sig")), 32), "they were not signed by"),
}

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes are made otherwise there")


@posix
@pytest.mark.parametrize("kind", REFUSED_WHOLE)
def test_a_mount_that_is_not_as_it_should_be_is_refused_with_its_reason(folder: Path, kind: str):
    damage, reason = REFUSED_WHOLE[kind]
    damage(folder)
    with pytest.raises(MountError, match=reason):
        open_mount(folder, None, ENCODER)
    mounts, problems = open_mounts([str(folder)], "", ENCODER)
    assert (mounts, len(problems)) == ([], 1)


@posix
@pytest.mark.parametrize("kind", SHARD_REFUSED)
def test_a_shard_that_is_not_as_it_should_be_is_refused_whole_and_the_others_are_used(folder: Path, kind: str):
    damage, reason = SHARD_REFUSED[kind]
    damage(folder)
    mount = open_mount(folder, None, ENCODER)
    found = mount.get(DIGESTS)
    assert set(found) < set(DIGESTS)
    assert len(found) == COUNT - 100
    assert all((found[d] * v).sum() > 0.999 for d, v in zip(DIGESTS, VECTORS, strict=True) if d in found)
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(mount.problem())
    assert "1 of the 3 shards" in mount.problem()


@posix
@pytest.mark.parametrize("kind", UNSIGNED)
def test_a_mount_that_is_not_signed_is_refused_where_a_signature_is_asked_for(folder: Path, kind: str):
    damage, reason = UNSIGNED[kind]
    key = signing.read_public_key(folder.parent / "ours.pub")
    assert len(open_mount(folder, key, ENCODER).get(DIGESTS)) == COUNT
    damage(folder)
    with pytest.raises(MountError, match=reason):
        open_mount(folder, key, ENCODER)


def test_a_mount_that_another_key_signed_is_refused(folder: Path):
    other, forged = signing.read_public_key(folder.parent / "other.pub"), folder.parent / "other.key"
    with pytest.raises(MountError, match="they were not signed by the key"):
        open_mount(folder, other, ENCODER)
    write_manifest(folder, read_manifest(folder), signing.read_private_key(forged))
    with pytest.raises(MountError, match="they were not signed by the key"):
        open_mount(folder, signing.read_public_key(folder.parent / "ours.pub"), ENCODER)


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_key_that_is_none_lets_no_mount_in(folder: Path, text: str):
    key = folder.parent / "broken.pub"
    key.write_text(text)
    mounts, problems = open_mounts([str(folder)], str(key), ENCODER)
    assert mounts == []
    assert problems == [f"No mounted vectors are used. {key} holds no public key in PEM form."]
    assert open_mounts([str(folder)], "nowhere.pub", ENCODER)[0] == []
    assert open_mounts([], str(key), ENCODER) == ([], [])


def test_a_key_of_another_kind_is_named(folder: Path):
    with pytest.raises(MountError, match="no private key in PEM form"):
        signing.read_private_key(folder.parent / "ours.pub")


def test_a_shard_that_is_truncated_or_vanishes_later_costs_its_vectors_alone(folder: Path):
    mount = open_mount(folder, None, ENCODER)
    begin = [d for d in DIGESTS if d <= read_manifest(folder).shards[0].last]
    assert len(mount.get(begin[:1])) == 1
    os.truncate(first_shard(folder), LAYOUT.index_bytes(100) + 5)
    assert len(mount.get(DIGESTS)) == COUNT - 100
    shutil.rmtree(folder)
    other = open_mounts([str(folder)], "", ENCODER)
    assert other[0] == []
    assert mount.get(DIGESTS) == {}
    assert "3 of the 3 shards" in mount.problem()


def test_a_manifest_is_replaced_together_with_its_signature(folder: Path):
    key = signing.read_public_key(folder.parent / "ours.pub")
    before = (folder / MANIFEST_FILE).read_bytes()
    manifest = read_manifest(folder, key)
    changed = Manifest(manifest.fingerprint, "renamed", manifest.layout, manifest.shards)
    write_manifest(folder, changed, signing.read_private_key(folder.parent / "ours.key"))
    assert read_manifest(folder, key).model == "renamed"
    assert (folder / signature_name(before)).exists(), "a reader of the old manifest may be on its way to it"
    assert [file.name for file in folder.iterdir() if file.name.startswith(".")] == []


# -- what an engine asks


def test_mounts_come_after_the_cache_and_before_the_model(folder: Path):
    cache = VectorCache(None, ENCODER.fingerprint, ENCODER.dimensions)
    cache.put(DIGESTS[:10], VECTORS[:10])
    known = KnownVectors(cache)
    assert len(known.get(DIGESTS)) == 10
    assert known.summary() == ""
    known.use([open_mount(folder, None, ENCODER)])
    new, vectors = some(5, seed=3)
    assert set(known.get([*DIGESTS, *new])) == set(DIGESTS)
    known.put(new, vectors)
    assert known.summary() == ""
    known.get(DIGESTS)
    known.count([*DIGESTS, *new])
    known.count([*DIGESTS, *new])
    assert known.summary() == f"290 from {folder}, 10 from the cache, 5 from the model"
    assert known.problems() == []
    assert set(cache.get([*DIGESTS, *new])) == {*DIGESTS[:10], *new}, "what is mounted is not copied"
    cache.close()


def test_a_mount_of_other_code_says_so(folder: Path):
    mount = open_mount(folder, None, ENCODER)
    assert mount.get(some(49, seed=4)[0]) == {}
    assert mount.problem() == ""
    assert mount.get(some(1, seed=5)[0]) == {}
    assert mount.problem() == (
        f"The vectors in {folder} fit no code in this folder: none of 50 chunks is among them. "
        "They were made from other code."
    )
    change(chunker="cognate 9.9")(folder)
    mount = open_mount(folder, None, ENCODER)
    mount.get(some(50, seed=4)[0])
    assert "They were made by cognate 9.9, which may cut chunks in other places" in mount.problem()
