"""Graphs and ranks as CSV: what cannot be read is said with its line and what to do."""

from pathlib import Path

import pytest

from cognate.errors import InvalidRequestError
from cognate.graph import exchange
from cognate.graph.exchange import Document, Exported, Joined, SymbolRow
from cognate.graph.pagerank import Direction

GOOD = {"documents.csv": "pathID,repo,path\n1,r,a.py\n2,r,b.py\n", "references.csv": "from,to\n1,2\n"}


def read(folder: Path, **files: str) -> Joined:
    for name, text in {**GOOD, **{f"{name}.csv": text for name, text in files.items()}}.items():
        (folder / name).write_text(text, encoding="utf-8")
    joined = Joined()
    monikers = folder / "monikers.csv"
    exchange.read_documents(
        folder / "documents.csv", folder / "references.csv", monikers if "monikers" in files else None, joined
    )
    return joined


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("documents", "id,repo,path\n1,r,a.py\n", r"documents\.csv, line 1: the header lacks pathID"),
        ("documents", "", r"documents\.csv, line 1: the header lacks pathID, repo, path"),
        ("documents", "pathID,repo,path\n1,r,a.py\n1,r,b.py\n", r"line 3: the pathID 1 was given before"),
        ("documents", "pathID,repo,path\n1,r,\n", r"line 2: the path is empty"),
        ("documents", "pathID,repo,path\n1,r,a.py,x\n", r"line 2: there are 4 values for 3 columns"),
        ("documents", 'pathID,repo,path\n1,r,"a.py\n', r"documents\.csv: it is not a CSV file"),
        ("references", "from,to\n1,2\n1,7\n", r"references\.csv, line 3: '7' is not in documents\.csv"),
        ("references", "from,to\n1\n", r"references\.csv, line 2: there are 1 values for 2 columns"),
        ("weights", "from,to,weight\n1,2,heavy\n", r"weights\.csv, line 2: the weight is 'heavy'; it must be a number"),
        ("weights", "from,to,weight\n1,2,0\n", r"line 2: the weight is '0'"),
        ("weights", "from,to,weight\n1,2,nan\n", r"line 2: the weight is 'nan'"),
        ("monikers", "pathID,monikerType,schema,identifier\n1,use,gomod,x\n", r"line 2: the monikerType is 'use'"),
    ],
)
def test_a_line_that_is_not_as_it_should_be_is_named(tmp_path: Path, file: str, text: str, message: str):
    with pytest.raises(InvalidRequestError, match=message):
        read(tmp_path, **{file: text})


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path):
    with pytest.raises(InvalidRequestError, match=r"nowhere\.csv cannot be read"):
        exchange.read_ranks([tmp_path / "nowhere.csv"])
    (tmp_path / "r.csv").write_bytes(b"repo,path,rank\nr,\xff.py,1\n")
    with pytest.raises(InvalidRequestError, match=r"r\.csv: it is not UTF-8"):
        exchange.read_ranks([tmp_path / "r.csv"])


def test_columns_may_stand_in_any_order_among_others_and_lines_end_in_any_way(tmp_path: Path):
    joined = read(tmp_path, documents='\ufeffpath, extra ,pathID,repo\r\na.py,x,1,r\r\n\r\n"b,c.py",y,2,r\r\n')
    assert joined.nodes == [("r", "a.py"), ("r", "b,c.py")]
    assert (joined.source, joined.target, joined.weight) == ([0], [1], [1.0])


def test_weights_beside_the_references_count(tmp_path: Path):
    assert read(tmp_path, weights="from,to,weight\n2,1,2.5\n").weight == [2.5]


def test_ranks_may_lie_in_several_files_and_only_this_workspaces_count(tmp_path: Path):
    (tmp_path / "part-0.csv").write_text("repo,path,rank\nours,a.py,2\ntheirs,b.py,9\n")
    (tmp_path / "part-1.csv").write_text("repo,path,rank\nours,c.py,0.5\n")
    (tmp_path / "documents.csv").write_text("pathID,repo,path\n1,ours,a.py\n")
    files = exchange.rank_files(tmp_path)
    assert exchange.read_ranks(files, "ours") == {"a.py": 2.0, "c.py": 0.5}
    assert exchange.read_ranks(files[1:], "another name") == {"c.py": 0.5}
    assert exchange.read_ranks(files, "another name") == {}


@pytest.mark.parametrize("rank", ["-1", "many", "inf", ""])
def test_a_rank_that_is_no_number_is_named(tmp_path: Path, rank: str):
    (tmp_path / "r.csv").write_text(f"repo,path,rank\nr,a.py,1\nr,b.py,{rank}\n")
    with pytest.raises(InvalidRequestError, match=r"r\.csv, line 3: the rank is"):
        exchange.read_ranks([tmp_path / "r.csv"])


def test_symbols_are_ranked_like_documents(tmp_path: Path):
    rows = [SymbolRow("r", "a.py", name, "function", 1) for name in ("f", "g", "h")]
    exchange.write(tmp_path, Exported([Document("r", "a.py")], [], (), rows, [(1, 2, 1.0), (3, 2, 1.0)]))
    joined = Joined()
    exchange.read_symbols(tmp_path, joined)
    file = exchange.write_ranks(tmp_path, joined, joined.ranks(Direction.UNDIRECTED))
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "repo,path,symbol,rank"
    assert [line.split(",")[2] for line in lines[1:]] == ["g", "f", "h"]


def test_unweighted_two_documents_are_joined_once_by_however_many_names(tmp_path: Path):
    exported = (("x", 2), ("y", 2), ("z", 3))
    monikers = [f"1,import,gomod,{name}\n{number},export,gomod,{name}\n" for name, number in exported]
    documents = "pathID,repo,path\n1,shop,a.go\n2,lib,b.go\n3,lib,c.go\n"
    head = "pathID,monikerType,schema,identifier\n"
    joined = read(tmp_path, documents=documents, references="from,to\n", monikers=head + "".join(monikers))
    joined.connect(weighted=False)
    for direction in (Direction.DIRECTED, Direction.UNDIRECTED):
        twice, once = joined.ranks(direction), joined.ranks(direction, weighted=False)
        assert twice[1] > 1.1 * twice[2]
        assert once[1] == pytest.approx(once[2])
