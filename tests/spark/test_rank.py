"""GraphX against the PageRank of one machine: the same numbers, whatever flows where."""

import csv
from pathlib import Path
from typing import Any

import pytest

from cognate.cli.main import main
from cognate.errors import InvalidRequestError
from cognate.graph import exchange
from cognate.graph.exchange import Joined
from cognate.graph.pagerank import Direction
from cognate.spark.output import Output, uri_of
from cognate.spark.rank import Ranked, rank
from fixtures import write_files

SAME = 1e-6

HEAD = "pathID,monikerType,schema,identifier\n"
BLOG = "github.com/sourcegraph/blog-post-example"
INNER = ("database", "experiments", "handler", "init")
NAMES = ("cmd/app/main", "cmd/audit/main", *(f"internal/{name}" for name in INNER))
LOGGER = ("github.com/sourcegraph/log/Logger", "github.com/sourcegraph/log/Logger.Log")
SIX = {
    "documents.csv": "pathID,repo,path\n" + "".join(f"{i},{BLOG},{name}.go\n" for i, name in enumerate(NAMES, 1)),
    "references.csv": "from,to\n1,3\n1,4\n2,5\n3,4\n4,3\n4,5\n5,3\n5,4\n6,3\n6,5\n",
    "monikers.csv": HEAD + "".join(f"{i},import,gomod,{name}\n" for i in (1, 5, 6) for name in LOGGER),
}
"""The six documents of "Ranking in a week", and what some of them import."""

LOG = {
    "documents.csv": "pathID,repo,path\n1,github.com/sourcegraph/log,logger.go\n",
    "references.csv": "from,to\n",
    "monikers.csv": HEAD + "".join(f"1,export,gomod,{name}\n" for name in LOGGER),
}
"""What they import, which the article does not list."""

SHOP = {
    "documents.csv": "pathID,repo,path\n1,shop,a.go\n2,shop,b.go\n3,shop,c.go\n4,shop,alone.go\n",
    "references.csv": "from,to\n1,2\n2,1\n2,3\n3,3\n2,3\n",
    "monikers.csv": HEAD + '1,import,gomod,"lib, odd"\n2,import,npm,x\n2,import,gomod,x\n',
}
LIB = {
    "documents.csv": 'pathID,repo,path\nx1,lib,"a, ""b"".go"\nx2,lib,é.go\n',
    "references.csv": "from,to\nx1,x2\n",
    "monikers.csv": HEAD + 'x1,export,gomod,"lib, odd"\nx2,export,gomod,x\nx2,import,gomod,x\n',
}
"""Odd names, a document that refers to itself, one that is alone, two that refer to each other, a reference twice."""

SYMBOLS = {
    "symbols.csv": "symbolID,repo,path,symbol,kind,line\n1,shop,a.go,Cart.add,method,3\n2,shop,a.go,,,1\n"
    '3,shop,b.go,"operator , """"",function,7\n4,shop,c.go,alone,function,1\n',
    "symbol_references.csv": "from,to,weight\n1,3,0.5\n2,1,1\n2,3,0.25\n3,1,2\n",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four repositories, of which two and two are joined; ranked as one graph, as each run takes hundreds of steps."""
    folder = tmp_path_factory.mktemp("graphs")
    named = {"blog": SIX, "log": LOG, "shop": SHOP, "lib": LIB}
    return [write(folder / name, files) for name, files in named.items()]


def here(folders: list[Path], direction: Direction, *, join: bool = True) -> dict[tuple[str, ...], float]:
    """Return the ranks that one machine computes, by repo and path, each reference counting as 1."""
    joined = Joined()
    for folder in folders:
        exchange.read_documents(
            folder / "documents.csv", folder / "references.csv", folder / "monikers.csv", joined, weighted=False
        )
    if join:
        joined.connect(weighted=False)
    return dict(zip(joined.nodes, joined.ranks(direction, weighted=False).tolist(), strict=True))


def there(file: Path) -> dict[tuple[str, ...], float]:
    with file.open(encoding="utf-8", newline="") as opened:
        head, *rows = csv.reader(opened)
    assert head == ["repo", "path", *(["symbol"] if file.name == "symbol_ranks.csv" else []), "rank"]
    return {tuple(names): float(rank) for *names, rank in rows}


def check(out: Path, done: Ranked, expected: dict[tuple[str, ...], float]) -> None:
    (name,) = done.files
    found = there(out / name)
    assert done.n_nodes == len(expected)
    assert found.keys() == expected.keys()
    assert max(abs(found[node] - value) for node, value in expected.items()) < SAME
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert [file.name for file in out.iterdir() if not file.name.endswith(".crc")] == [name]


@pytest.mark.parametrize("direction", Direction)
def test_documents_of_many_repositories_have_the_ranks_of_one_machine(
    spark: Any, tmp_path: Path, graphs: list[Path], direction: Direction
):
    out = tmp_path / "out"
    done = rank(spark, [uri_of(str(folder)) for folder in graphs], Output.of(str(out)), direction)
    expected = here(graphs, direction)
    check(out, done, expected)
    apart = here(graphs, direction, join=False)
    assert max(abs(apart[node] - expected[node]) for node in apart) > SAME, "nothing is joined"
    write_files(tmp_path / "shop", "//- a.go\nfunc a() {}\n//- b.go\nfunc b() {}\n")
    assert main(["graph", "import", str(out), str(tmp_path / "shop")]) == 0


def test_symbols_have_the_ranks_of_one_machine(spark: Any, tmp_path: Path):
    folder = write(tmp_path / "shop", SYMBOLS)
    joined = Joined()
    exchange.read_symbols(folder, joined, weighted=False)
    expected = dict(zip(joined.nodes, joined.ranks(Direction.UNDIRECTED, weighted=False).tolist(), strict=True))
    done = rank(spark, [uri_of(str(folder))], Output.of(str(tmp_path / "out")), symbols=True)
    check(tmp_path / "out", done, expected)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("references.csv", "from,to\n1,7\n", "'7' is not a node of this graph"),
        ("documents.csv", SIX["documents.csv"] + "1,blog,again.go\n", "the number 1 in .* was given twice"),
        ("monikers.csv", "pathID,monikerType,schema,identifier\n1,use,gomod,x\n", "the monikerType is 'use'"),
    ],
)
def test_what_does_not_fit_together_is_named(spark: Any, tmp_path: Path, file: str, text: str, message: str):
    folder = write(tmp_path / "bad", SIX | {file: text})
    with pytest.raises(InvalidRequestError, match=message):
        rank(spark, [uri_of(str(folder))], Output.of(str(tmp_path / "out")))
    assert not (tmp_path / "out" / "ranks.csv").exists()
