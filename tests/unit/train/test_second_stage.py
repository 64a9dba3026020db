import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from second_stage import Remembering, ask, figures, measured, read_labels

FILES = {
    "queue.py": "def take_next(jobs):\n    '''Take the next job from the queue.'''\n    return jobs.pop(0)\n",
    "pool.py": "def grow(pool):\n    '''Add one more worker that takes jobs from the queue.'''\n    pool.append(1)\n",
    "retry.py": "def again(job):\n    '''Put a job back in the queue when it failed.'''\n    job.left -= 1\n",
    "stop.py": "def drain(jobs):\n    '''Wait until the queue of jobs is empty.'''\n    jobs.join()\n",
}
QUERY = "what happens to jobs in the queue"


class ByWord:
    """Prefers passages with one word."""

    name = "by word"

    def __init__(self) -> None:
        self.asked = 0

    def score(self, query: str, texts: Sequence[str], *, cancel: object = None) -> np.ndarray:
        self.asked += 1
        return np.array([float("worker" in text.split()) for text in texts], np.float32)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("stage")
    corpus, labels = tmp_path / "corpora" / "demo", tmp_path / "labels"
    corpus.mkdir(parents=True)
    labels.mkdir()
    for name, text in FILES.items():
        (corpus / name).write_text(text, encoding="utf-8")
    label = {"query": QUERY, "category": "how", "relevant": ["pool.py"]}
    (labels / "demo.json").write_text(json.dumps([label]), encoding="utf-8")
    scorer = ByWord()
    ask(tmp_path / "corpora", labels, Remembering(scorer), [0.0, 100.0], tmp_path / "out")
    assert scorer.asked == 1
    return tmp_path


def paths(out: Path, run: str) -> list[str]:
    (row,) = (out / "out" / f"{run}.jsonl").read_text(encoding="utf-8").splitlines()
    return [result["path"] for result in json.loads(row)["results"]]


def test_the_weight_decides_how_much_the_cross_encoder_says(out: Path):
    alone = paths(out, "without")
    assert len(alone) > 1
    assert alone[0] != "pool.py"
    assert paths(out, "0") == alone
    assert paths(out, "100") == ["pool.py", *(path for path in alone if path != "pool.py")]


def test_the_table_says_how_far_each_weight_is_from_the_search_without_it(out: Path):
    labels, groups = read_labels(out / "labels")
    runs = {name: measured(out / "out" / f"{name}.jsonl", labels) for name in ("without", "0", "100")}
    head, _, every, *_ = figures(runs, groups).splitlines()
    assert head == "| NDCG@10 | queries | without | weight 0 | weight 100 |"
    _, name, queries, base, nothing, much, _ = (cell.strip() for cell in every.split("|"))
    assert (name, queries) == ("all", "1")
    assert nothing == "+0.000 [+0.000, +0.000]"
    gain = 1 - float(base)
    assert much == f"**{gain:+.3f}** [{gain:+.3f}, {gain:+.3f}]"
