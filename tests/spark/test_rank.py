"""GraphX against the PageRank of one machine: the same numbers, whatever flows where."""

from pathlib import Path
from typing import Any

import pytest

from cognate.cli.main import main
from cognate.errors import InvalidRequestError
from cognate.graph import exchange
from cognate.graph.exchange import Joined
from cognate.graph.pagerank import Direction
from cognate.spark.output import Output, uri_of
from cognate.spark.rank import rank

SAME = 1e-6

SIX = {
    "documents.csv": "pathID,repo,path\n" + "".join(f"{i},r,{name}.go\n" for i, name in enumerate("abcdef", 1)),
    "references.csv": "from,to\n1,2\n1,3\n2,3\n3,4\n5,4\n4,5\n",
    "monikers.csv": "pathID,monikerType,schema,identifier\n",
}
"""Six documents, of which two refer to each other and one is alone."""


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def here(folders: list[Path], direction: Direction) -> dict[tuple[str, ...], float]:
    """Return the ranks that one machine computes, by repo and path, each reference counting as 1."""
    joined = Joined()
    for folder in folders:
        exchange.read_documents(
            folder / "documents.csv", folder / "references.csv", folder / "monikers.csv", joined, weighted=False
        )
    joined.connect(weighted=False)
    return dict(zip(joined.nodes, joined.ranks(direction).tolist(), strict=True))


def there(out: Path) -> dict[tuple[str, ...], float]:
    rows = exchange._read(out / "ranks.csv", ("repo", "path", "rank"))  # pyright: ignore[reportPrivateUsage]
    return {(repo, path): float(value) for _, (repo, path, value) in rows}


def check(spark: Any, folders: list[Path], out: Path, direction: Direction = Direction.UNDIRECTED) -> None:
    expected = here(folders, direction)
    done = rank(spark, [uri_of(str(folder)) for folder in folders], Output.of(str(out)), direction)
    found = there(out)
    assert (done.n_nodes, list(done.files)) == (len(expected), ["ranks.csv"])
    assert found.keys() == expected.keys()
    assert max(abs(found[node] - value) for node, value in expected.items()) < SAME
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert [file.name for file in out.iterdir() if not file.name.endswith(".crc")] == ["ranks.csv"]


@pytest.mark.parametrize("direction", Direction)
def test_six_documents_have_the_same_ranks(spark: Any, tmp_path: Path, direction: Direction):
    check(spark, [write(tmp_path / "six", SIX)], tmp_path / "out", direction)


def test_repositories_are_joined_by_what_one_imports_and_the_other_exports(spark: Any, tmp_path: Path):
    head = "pathID,monikerType,schema,identifier\n"
    shop = SIX | {"monikers.csv": head + '1,import,gomod,"lib, odd"\n2,import,npm,x\n2,import,gomod,x\n'}
    lib = {
        "documents.csv": 'pathID,repo,path\nx1,lib,"a, ""b"".go"\nx2,lib,é.go\n',
        "references.csv": "from,to\nx1,x2\n",
        "monikers.csv": head + 'x1,export,gomod,"lib, odd"\nx2,export,gomod,x\nx2,import,gomod,x\n',
    }
    folders = [write(tmp_path / "shop", shop), write(tmp_path / "lib", lib)]
    check(spark, folders, tmp_path / "out")
    odd = ("lib", 'a, "b".go')
    assert abs(there(tmp_path / "out")[odd] - here(folders[1:], Direction.UNDIRECTED)[odd]) > SAME, "nothing is joined"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("references.csv", "from,to\n1,7\n", "'7' is not a node of this graph"),
        ("documents.csv", SIX["documents.csv"] + "1,r,again.go\n", "the number 1 in .* was given twice"),
        ("monikers.csv", "pathID,monikerType,schema,identifier\n1,use,gomod,x\n", "the monikerType is 'use'"),
    ],
)
def test_what_does_not_fit_together_is_named(spark: Any, tmp_path: Path, file: str, text: str, message: str):
    folder = write(tmp_path / "bad", SIX | {file: text})
    with pytest.raises(InvalidRequestError, match=message):
        rank(spark, [uri_of(str(folder))], Output.of(str(tmp_path / "out")))
    assert not (tmp_path / "out" / "ranks.csv").exists()


def test_ranks_are_what_import_takes(tmp_path: Path, spark: Any):
    folder = write(tmp_path / "six", SIX)
    rank(spark, [uri_of(str(folder))], Output.of(str(tmp_path / "out")))
    for name in "abcdef":
        write_to = tmp_path / "r" / f"{name}.go"
        write_to.parent.mkdir(exist_ok=True)
        write_to.write_text(f"func {name}() {{}}\n")
    assert main(["graph", "import", str(tmp_path / "out"), str(tmp_path / "r")]) == 0
