"""Extracts pairs of a sentence and the code it is about out of the fetched packages, and reads them.

DATA/pairs/KEY.pairs is what ``extract.cpp`` writes, KEY.json says where it is from. What is there is made again only by
a newer extractor.
"""

import hashlib
import json
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.table.fetch import NO_SOURCE, Package, archive_of, held_back_repositories, version_of, wanted
from tools.table.licence import licence_of

HERE = Path(__file__).parent
MAGIC = b"pairs-1\n"
KINDS = ("doc", "comment", "trailing", "test", "message", "section", "name", "commit")
LANGUAGES = (
    "C", "C++", "Go", "Rust", "Java", "JavaScript", "TypeScript", "Kotlin", "Swift", "C#", "Scala", "PHP", "Dart",
    "Groovy", "Objective-C", "Python", "Ruby", "shell", "Elixir", "Perl", "R", "Julia", "Nim", "SQL", "Lua",
    "Haskell", "Erlang", "Clojure", "OCaml", "Zig", "Terraform", "PowerShell", "Markdown",
)  # fmt: skip
"""In the order of the extractor's numbers."""

LONG = 40 << 20
"""Bytes of archives that take minutes to unpack."""

MOST_PAIRS = 40_000
"""Of one package, so that none outweighs the others."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a package.

    Attributes:
        words: its vocabulary.
        query: rows of words of all queries, one after the other; ``query_sizes`` says how many each has.
        code: the same of the code.
        kinds: see KINDS.
        languages: see LANGUAGES.
        files: number of the file each is from.
        hashes: of each query's words, whatever their order; the same in all packages.
    """

    words: list[str]
    query: NDArray[np.uint32]
    query_sizes: NDArray[np.uint16]
    code: NDArray[np.uint32]
    code_sizes: NDArray[np.uint16]
    kinds: NDArray[np.uint8]
    languages: NDArray[np.uint8]
    files: NDArray[np.uint32]
    hashes: NDArray[np.uint64]


def read_pairs(file: Path) -> Pairs:
    """Read what the extractor wrote.

    Raises:
        ValueError: when it is something else.
    """
    data = file.read_bytes()
    if data[: len(MAGIC)] != MAGIC:
        raise ValueError(f"{file} holds no pairs.")
    n_bytes, n, n_query, n_code = np.frombuffer(data, np.uint64, 4, len(MAGIC)).tolist()
    at = len(MAGIC) + 32

    def take(kind: type, count: int) -> NDArray[np.generic]:
        nonlocal at
        found = np.frombuffer(data, kind, count, at)
        at += found.nbytes
        return found

    hashes, files = take(np.uint64, n), take(np.uint32, n)
    query, code = take(np.uint32, n_query), take(np.uint32, n_code)
    query_sizes, code_sizes = take(np.uint16, n), take(np.uint16, n)
    kinds, languages = take(np.uint8, n), take(np.uint8, n)
    words = data[at : at + n_bytes].decode("utf-8", "replace").split("\n")[:-1]
    return Pairs(words, query, query_sizes, code, code_sizes, kinds, languages, files, hashes)  # type: ignore[arg-type]


def built(data: Path) -> Path:
    """Return the extractor, compiled if it is older than its source."""
    program, source = data / "extract", HERE / "extract.cpp"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        subprocess.run(["g++", "-O2", "-std=c++17", "-o", str(program), str(source)], check=True)
    return program


def sketch(data: Path, corpora: Sequence[Path]) -> None:
    """Write what the code of the evaluation corpora is known by, so that none of it is trained on.

    Repositories of the mirror that are held back are known as well.
    """
    with tempfile.TemporaryDirectory() as scratch:
        for number, repository in enumerate(held_back_repositories()):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            archive = subprocess.run(
                ["git", f"--git-dir={repository}", "archive", "HEAD"], check=False, capture_output=True
            )
            subprocess.run(["tar", "-x", "-C", str(folder)], check=False, capture_output=True, input=archive.stdout)
        out = data / "known.part"
        subprocess.run([str(built(data)), "sketch", str(out), *map(str, corpora), scratch], check=True)
        out.replace(data / "known.bin")


def extract_all(data: Path) -> None:
    """Extract the pairs of every fetched package that has none yet."""
    folder = data / "pairs"
    folder.mkdir(parents=True, exist_ok=True)
    fetched = [(package, archive) for package in wanted() if (archive := archive_of(data, package)) is not None]
    made_by = _made_by(data, False), _made_by(data, True)
    fetched = [pair for pair in fetched if not _is_read(folder / f"{pair[0].key}.json", made_by)]
    fetched.sort(key=lambda pair: _turn(*pair, (folder / f"{pair[0].key}.json").exists()))
    for package, archive in fetched:
        about = folder / f"{package.key}.json"
        with tempfile.TemporaryDirectory() as scratch:
            row = _extract(data, archive, folder / f"{package.key}.pairs", Path(scratch))
        known = {"registry": package.key.partition("+")[0], "name": package.name, "version": version_of(archive)}
        about.write_text(json.dumps({**known, **row, "by": made_by[bool(row["left_out"])]}), "utf-8")
        print(f"{package.key}: {row.get('pairs', row['left_out'])}", flush=True)


def _turn(package: Package, archive: Path, is_known: bool) -> tuple[bool, bool, bool, int]:
    """Return what orders packages: what gives most pairs for the time comes first, as a run may be ended early."""
    size = archive.stat().st_size
    return package.registry != "git", is_known, size > LONG, -size


def _made_by(data: Path, is_left_out: bool) -> str:
    """Return what tells this extractor, and the reader of a refusal, from older ones, whose results are made again."""
    sources = [data / "known.bin", HERE / "extract.cpp", *([HERE / "licence.py"] if is_left_out else [])]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]


def _is_read(about: Path, made_by: tuple[str, str]) -> bool:
    if not about.exists():
        return False
    row = json.loads(about.read_text("utf-8"))
    return row.get("by") == made_by[bool(row["left_out"])]


def _extract(data: Path, archive: Path, out: Path, scratch: Path) -> dict[str, object]:
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as whole:
            whole.extractall(scratch)
    else:
        left_out = [f"--exclude=*.{ending}" for ending in NO_SOURCE.split()]
        command = ["tar", "-xf", str(archive), "-C", str(scratch), "--no-same-owner", *left_out]
        subprocess.run(command, check=False, capture_output=True)
    inside = list(scratch.iterdir())
    root = inside[0] if len(inside) == 1 and inside[0].is_dir() else scratch
    licence, why = licence_of(root)
    if why:
        out.unlink(missing_ok=True)
        return {"licence": "", "left_out": why}
    known = data / "known.bin"
    command = [str(built(data)), "pairs", str(out), str(known), str(MOST_PAIRS), str(root)]
    subprocess.run(command, check=True, capture_output=True)
    found = read_pairs(out)
    languages = Counter(LANGUAGES[number] for number in found.languages.tolist())
    kinds = Counter(KINDS[number] for number in found.kinds.tolist())
    return {"licence": licence, "left_out": "", "pairs": len(found.kinds), "languages": dict(languages.most_common()),
            "kinds": dict(kinds.most_common())}  # fmt: skip
