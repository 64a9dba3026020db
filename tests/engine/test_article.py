"""The six queries of an early article on semantic search over code, on the code base that it searched.

https://github.com/UKPLab/sentence-transformers, version 2.2.2 from PyPI.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.search.request import SearchRequest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sources() -> Path:
    """The package's sources, fetched once."""
    spec = importlib.util.spec_from_file_location("corpora", ROOT / "benchmarks" / "corpora.py")
    assert spec is not None
    assert spec.loader is not None
    corpora = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(corpora)
    return corpora.fetch("sentence-transformers", ROOT / ".cache" / "corpora")


def test_the_first_hit_holds_what_was_asked_for(open_workspace: Callable[..., Engine], sources: Path):
    engine = open_workspace(folder=sources)
    queries = (
        "snapshot_download",
        "SentenceEvaluator",
        "get_torch_home",
        "os.path.join",
        "flax_model.msgpack",
        "torch.nn.functional.normalize",
    )
    first = {query: engine.search(SearchRequest(query), CancelToken()).hits[0].focus_text for query in queries}
    assert {query: line for query, line in first.items() if query not in line} == {}
