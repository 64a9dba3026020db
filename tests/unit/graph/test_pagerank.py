"""PageRank against the exact solution of its equations, on the example of "Ranking in a week"."""

from pathlib import Path

import numpy as np
import pytest

from cognate.graph import exchange
from cognate.graph.exchange import Document, Exported, Joined, Moniker
from cognate.graph.pagerank import DAMPING, Direction, Edges, page_rank, percentiles

REPO = "github.com/sourcegraph/blog-post-example"
PATHS = [
    "cmd/app/main.go",
    "cmd/audit/main.go",
    "internal/database.go",
    "internal/experiments.go",
    "internal/handler.go",
    "internal/init.go",
]
REFERENCES = [(1, 3), (1, 4), (2, 5), (3, 4), (4, 3), (4, 5), (5, 3), (5, 4), (6, 3), (6, 5)]
LOGGER = "github.com/sourcegraph/log/Logger"
MONIKERS = [(number, Moniker("import", "gomod", name)) for number in (1, 5, 6) for name in (LOGGER, f"{LOGGER}.Log")]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    documents = [Document(REPO, path) for path in PATHS]
    exchange.write(tmp_path, Exported(documents, [(a, b, 1.0) for a, b in REFERENCES], MONIKERS))
    return tmp_path


def read(*folders: Path) -> Joined:
    joined = Joined()
    for folder in folders:
        exchange.read_documents(folder / "documents.csv", folder / "references.csv", folder / "monikers.csv", joined)
    joined.connect()
    return joined


def ranks(folder: Path, direction: Direction) -> dict[str, float]:
    joined = read(folder)
    return dict(zip((path for _, path in joined.nodes), joined.ranks(direction).tolist(), strict=True))


def solved(pairs: set[tuple[int, int]]) -> dict[str, float]:
    """Solve the equations of PageRank directly, with a mean of 1."""
    n_nodes = len(PATHS)
    step = np.zeros((n_nodes, n_nodes))
    for a in range(n_nodes):
        leaving = [target - 1 for source, target in pairs if source - 1 == a]
        for b in leaving or range(n_nodes):
            step[b, a] += 1 / (len(leaving) or n_nodes)
    found = np.linalg.solve(np.eye(n_nodes) - DAMPING * step, np.full(n_nodes, 1 - DAMPING))
    return dict(zip(PATHS, found.tolist(), strict=True))


def test_the_articles_files_are_written_as_the_article_has_them(example: Path):
    assert (example / "documents.csv").read_text(encoding="utf-8").splitlines() == [
        "pathID,repo,path",
        *(f"{number},{REPO},{path}" for number, path in enumerate(PATHS, 1)),
    ]
    assert (example / "references.csv").read_text(encoding="utf-8").split() == [
        "from,to",
        *("1,3", "1,4", "2,5", "3,4", "4,3", "4,5", "5,3", "5,4", "6,3", "6,5"),
    ]
    assert (example / "monikers.csv").read_text(encoding="utf-8").splitlines()[:3] == [
        "pathID,monikerType,schema,identifier",
        "1,import,gomod,github.com/sourcegraph/log/Logger",
        "1,import,gomod,github.com/sourcegraph/log/Logger.Log",
    ]


def test_undirected_ranks_follow_a_reference_either_way_once(example: Path):
    wanted = solved({*REFERENCES, *((b, a) for a, b in REFERENCES)})
    assert ranks(example, Direction.UNDIRECTED) == pytest.approx(wanted, abs=1e-6)


def test_directed_and_reversed_ranks_solve_their_equations(example: Path):
    assert ranks(example, Direction.DIRECTED) == pytest.approx(solved(set(REFERENCES)), abs=1e-6)
    assert ranks(example, Direction.REVERSED) == pytest.approx(solved({(b, a) for a, b in REFERENCES}), abs=1e-6)


def test_only_undirected_ranks_tell_glue_code_from_other_code(example: Path):
    """As the article found: directed, what nobody refers to has the lowest rank there is, however much it joins."""
    directed, undirected = ranks(example, Direction.DIRECTED), ranks(example, Direction.UNDIRECTED)
    assert directed["internal/init.go"] == pytest.approx(directed["cmd/audit/main.go"])
    assert undirected["internal/init.go"] > 1.5 * undirected["cmd/audit/main.go"]
    assert max(undirected, key=lambda path: undirected[path]) in {"internal/handler.go", "internal/database.go"}


def test_what_one_workspace_imports_and_another_exports_joins_them(example: Path, tmp_path: Path):
    other = tmp_path / "log"
    exports = [
        (1, Moniker("export", "gomod", LOGGER)),
        (2, Moniker("export", "gomod", "github.com/sourcegraph/log/Other")),
    ]
    documents = [Document("github.com/sourcegraph/log", path) for path in ("logger.go", "other.go")]
    exchange.write(other, Exported(documents, [], exports))
    joined = read(example, other)
    between = {(joined.nodes[a][1], joined.nodes[b][1]) for a, b in zip(joined.source, joined.target, strict=True)}
    assert {pair for pair in between if pair[1] == "logger.go"} == {
        (path, "logger.go") for path in ("cmd/app/main.go", "internal/handler.go", "internal/init.go")
    }
    assert not any(pair[1] == "other.go" for pair in between)


def test_a_heavier_reference_carries_more_rank():
    edges = Edges(np.array([0, 0]), np.array([1, 2]), np.array([3.0, 1.0]), 3)
    found = page_rank(edges, Direction.DIRECTED)
    rest = (1 - DAMPING) / 3 + DAMPING * (found[1] + found[2]) / 3  # Of what nodes without references give to all.
    assert found[1] - rest == pytest.approx(3 * (found[2] - rest), rel=1e-5)
    assert found.sum() == pytest.approx(1)


def test_ranks_do_not_depend_on_where_the_computation_starts():
    rng = np.random.default_rng(5)
    edges = Edges(rng.integers(0, 60, 300), rng.integers(0, 60, 300), rng.random(300) + 0.1, 60)
    for direction in Direction:
        assert page_rank(edges, direction, start=rng.random(60) + 0.1) == pytest.approx(
            page_rank(edges, direction), abs=1e-6
        )


def test_a_graph_without_nodes_or_references_has_ranks_all_the_same():
    nothing = np.zeros(0, np.int64)
    assert len(page_rank(Edges(nothing, nothing, np.zeros(0), 0))) == 0
    assert page_rank(Edges(nothing, nothing, np.zeros(0), 4)).tolist() == [0.25] * 4


def test_percentiles_say_how_many_are_below_and_give_equal_ranks_the_middle():
    assert percentiles(np.array([5.0, 1.0, 5.0, 9.0])).tolist() == [0.5, 0.125, 0.5, 0.875]
    assert len(percentiles(np.zeros(0))) == 0


def test_the_rank_of_a_hub_is_as_exact_as_any_other():
    n_nodes, few = 2000, np.random.default_rng(1)
    source = np.concatenate([np.arange(1, n_nodes), few.integers(n_nodes, size=n_nodes)])
    target = np.concatenate([np.zeros(n_nodes - 1, np.int64), few.integers(n_nodes, size=n_nodes)])
    source, target = np.unique(np.stack([source, target]), axis=1)
    step = np.zeros((n_nodes, n_nodes))
    step[source, target] = step[target, source] = 1.0
    np.fill_diagonal(step, 0.0)
    step /= step.sum(axis=0)
    exact = np.linalg.solve(np.eye(n_nodes) - DAMPING * step, np.full(n_nodes, 1 - DAMPING))
    found = page_rank(Edges(source, target, np.ones(len(source)), n_nodes)) * n_nodes
    assert found.max() > 100
    assert found == pytest.approx(exact, abs=1e-7, rel=0)
