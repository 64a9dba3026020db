"""The extractor of the translation table, compiled: which sentences it finds, and beside what code."""

import subprocess
from pathlib import Path

import pytest

from tools.table.pairs import KINDS, built, read_pairs

SOURCES = {
    "pool.go": """package pool

// Drain waits until every borrowed connection came back, then closes all of them.
func (p *Pool) DrainBorrowedConnections(ctx context.Context) error {
	for p.borrowed > 0 {
		p.waiters.Signal()
		if ctx.Err() != nil {
			return fmt.Errorf("gave up while connections were still borrowed: %d", p.borrowed)
		}
	}
	return p.closer.Shutdown()
}
""",
    "pool.py": '''class Pool:
    def drain(self, deadline):
        """Wait until every borrowed handle came back, then close all."""
        # TODO: tell the waiters that nothing comes any more
        while self.borrowed:
            self.waiters.notify(deadline)
        self.closer.shutdown()


def test_drain_gives_up_after_its_deadline():
    pool = Pool(size=3, closer=Recorder())
    pool.borrow()
    pool.drain(deadline=0)
    assert pool.closer.calls == []
''',
    "history.commits": """\x01forget waiters whose deadline has passed
diff --git a/src/queue.rs b/src/queue.rs
--- a/src/queue.rs
+++ b/src/queue.rs
@@ -1,3 +1,4 @@ impl Queue {
     let expired = self.entries.range(..now);
-    expired.count()
+    self.entries = self.entries.split_off(&now);
+    self.metrics.dropped.increment(expired.count());
""",
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("extractor"))


def found(program: Path, folder: Path, known: bytes = b"") -> dict[tuple[str, str], set[str]]:
    for name, text in SOURCES.items():
        (folder / "source").mkdir(exist_ok=True)
        (folder / "source" / name).write_text(text + "\n" * 60, "utf-8")
    (folder / "known.bin").write_bytes(known)
    out = folder / "out.pairs"
    subprocess.run(
        [str(program), "pairs", str(out), str(folder / "known.bin"), "100", str(folder / "source")], check=True
    )
    pairs = read_pairs(out)
    rows: dict[tuple[str, str], set[str]] = {}
    at, to = 0, 0
    for kind, n_query, n_code in zip(
        pairs.kinds.tolist(), pairs.query_sizes.tolist(), pairs.code_sizes.tolist(), strict=True
    ):
        query = " ".join(pairs.words[i] for i in pairs.query[at : at + n_query].tolist())
        rows[KINDS[kind], query] = {pairs.words[i] for i in pairs.code[to : to + n_code].tolist()}
        at, to = at + n_query, to + n_code
    return rows


def test_each_kind_of_sentence_stands_beside_its_code_and_notes_do_not(program: Path, tmp_path: Path):
    rows = found(program, tmp_path)
    said = {
        ("comment", "drain waits until every borrowed connection came back then closes all of them"): "shutdown",
        ("message", "gave up while connections were still borrowed"): "err",
        ("name", "drain borrowed connections"): "shutdown",
        ("doc", "wait until every borrowed handle came back then close all"): "notify",
        ("test", "drain gives up after its deadline"): "recorder",
        ("commit", "forget waiters whose deadline has passed"): "split",
    }
    assert {key: word in rows.get(key, ()) for key, word in said.items()} == dict.fromkeys(said, True)
    assert not [query for _, query in rows if "todo" in query]
    assert "count" in rows["commit", "forget waiters whose deadline has passed"]
    assert "drain" not in rows["name", "drain borrowed connections"]


def test_code_of_an_evaluation_corpus_is_left_out(program: Path, tmp_path: Path):
    found(program, tmp_path)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "copied.go").write_text(SOURCES["pool.go"], "utf-8")
    subprocess.run([str(program), "sketch", str(tmp_path / "sketch"), str(corpus)], check=True)
    rows = found(program, tmp_path, (tmp_path / "sketch").read_bytes())
    assert not [query for _, query in rows if "connections" in query]
    assert [query for kind, query in rows if kind == "doc"]
