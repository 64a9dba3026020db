"""A start from nothing: to the first answer, to all words, to all meanings by table and by model; what is on disk."""

import shutil
import time
from pathlib import Path

from client import Server
from harness import POLL_S, QUESTIONS, WAIT_S, Bench, Goal, Row
from references import chunked, embedding_rate, stored_vectors

FILES = 400
IN_OTHER_WORDS = "procedure that stops somebody from knocking too often"


def rows(bench: Bench) -> list[Row]:
    """Measure every size with the command line, and the first answers with a server at the middle and largest size."""
    found: list[Row] = []
    for size in dict.fromkeys((bench.middle, bench.sizes[-1])):
        found += _first_answers(bench, size)
    for size in bench.sizes:
        found += _full_coverage(bench, size)
    return found


def _full_coverage(bench: Bench, size: str) -> list[Row]:
    folder, cache = bench.folder(size), bench.cache(size)
    texts = chunked(folder, files=FILES)["texts"]
    before = embedding_rate(bench, texts)
    ended = bench.index(size, cold=True)
    alone = stored_vectors(cache) / max(before, embedding_rate(bench, texts))
    points = bench.points[size]
    bench.note(size, "cold index, s", ended.seconds)
    bench.note(size, "memory while indexing, MB", ended.peak_mb)
    coverage = Row(
        f"cold start to full coverage, {points['chunks']:,.0f} chunks",
        size,
        f"{ended.seconds:.1f} s, at most {ended.peak_mb:.0f} MB",
        f"embedding alone, {alone:.1f} s",
        ended.seconds / alone,
        Goal(1.15),
        f"`cognate index`, whole process, {bench.threads} threads. Embedding alone: the number of distinct texts by "
        f"the encoder's rate with the same threads on {len(texts):,} of them, chosen at random; the "
        "better of just before and just after.",
    )
    source = sum(p.stat().st_size for p in _indexed_files(bench, size))
    vectors_mb = _bytes(cache / "embeddings") / 1e6
    index_mb = _bytes(cache / "workspaces") / 1e6
    bench.note(size, "index on disk, MB", index_mb + vectors_mb)
    disk = Row(
        "index on disk",
        size,
        f"{index_mb:.1f} MB",
        f"source text, {source / 1e6:.1f} MB",
        index_mb * 1e6 / source,
        Goal(2.5, "large"),
        "The folder's own index. The vectors by text, which all folders of a user share, are in the next row.",
    )
    both = Row("index and shared vectors on disk", size, f"{index_mb + vectors_mb:.1f} MB", "source text",
               (index_mb + vectors_mb) * 1e6 / source)  # fmt: skip
    return [coverage, disk, both]


def _indexed_files(bench: Bench, size: str) -> list[Path]:
    from cognate.settings import Settings
    from cognate.workspace.files import walk
    from cognate.workspace.ignore import Rules

    folder = bench.folder(size)
    return [folder / path for path, _ in walk(folder, Rules(folder, (), Settings().max_file_bytes))]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _first_answers(bench: Bench, size: str) -> list[Row]:
    folder, cache = bench.folder(size), bench.work / "cold-cache"
    shutil.rmtree(cache, ignore_errors=True)
    alone = chunked(folder)["seconds"]
    with Server(folder, bench.environment(cache), bench.work / "cold.log") as server:
        answered = worded = meant = 0.0
        until = time.monotonic() + WAIT_S
        while not meant and time.monotonic() < until:
            time.sleep(POLL_S * 2)
            status = server.status()
            if not answered and status["chunks"] and server.search(QUESTIONS[0])[1]:
                answered = time.perf_counter() - server.began
            if answered and not worded and not status["queue"]["files"]:
                worded = time.perf_counter() - server.began
            if worded and status["wordCoverage"] == 1.0 and _says_the_table(server):
                meant = time.perf_counter() - server.began
    shutil.rmtree(cache, ignore_errors=True)
    bench.note(size, "cold, all words, s", worded)
    reference = f"chunking alone, one core, {alone:.2f} s"
    return [
        Row("cold start to first answer", size, f"{answered:.2f} s", reference, answered / alone, Goal(2, "medium"),
            "From starting `cognate serve` to a search over stdio that has hits."),
        Row("cold start to all words searchable", size, f"{worded:.2f} s", reference, worded / alone, Goal(2, "medium"),
            "The strict reading of the row before it: no file of the folder is left to be read."),
        Row("cold start to an answer by meaning out of all chunks", size, f"{meant:.2f} s",
            f"to all words searchable, {worded:.2f} s", meant / worded, Goal(1.3, "large"),
            "The translation table has a part in the answer to a question in other words, and a row for every chunk."),
    ]  # fmt: skip


def _says_the_table(server: Server) -> bool:
    """Return whether the translation table counts in the answer to a question in other words."""
    params = {"query": IN_OTHER_WORDS, "limit": 10, "explain": True}
    return any(hit["why"].get("translated_alone") for hit in server.request("cognate/search", params)["hits"])
