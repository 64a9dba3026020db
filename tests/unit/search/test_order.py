import numpy as np
import pytest
from hypothesis import example
from hypothesis import given as given_any
from hypothesis import strategies as st

from cognate.search.evidence import Evidence
from cognate.search.imports import is_imports_only
from cognate.search.order import contributions, linear_scores, order, probabilities, relevance
from cognate.search.pool import Pool
from cognate.search.query import Query, read_query
from cognate.search.signals import NAMES, Features, Look
from cognate.search.signals import signals as columns
from cognate.types import Chunk, ChunkRecord, Symbol
from cognate.words import stem


def record(number: int, path: str, text: str = "x = 1", name: str | None = None) -> ChunkRecord:
    symbols = (Symbol(name, "function", "", 0, 1),) if name else ()
    return ChunkRecord(number, path, "python", Chunk(0, 1, text, symbols))


def evidence(records: list[ChunkRecord], tolerated: frozenset[str] = frozenset(), **columns: list[float]) -> Evidence:
    names = ("body", "file", "similarity", "file_similarity", "feedback", "translated", "file_translated")
    arrays = {name: np.array(columns.get(name, [0.0] * len(records))) for name in names}
    none = np.empty((0, 0), np.float32)
    ranks = [0.0] * len(records)
    pool = Pool(records, near={}, file_ranks={}, symbol_rank=ranks, vectors=none, means=none, tolerated=tolerated)
    return Evidence(pool=pool, usual=(0.1, 0.1), idf={}, words_in_file=[0] * len(records), **arrays)


def signals(query: Query, given: Evidence) -> Features:
    return columns(Look(query, given))


def ordered(query: str, given: Evidence) -> list[str]:
    read = read_query(query)
    linear = linear_scores(signals(read, given), read.is_symbol)
    return [given.pool.records[r.row].path for r in order(given.pool.records, linear, is_symbol=read.is_symbol)[:10]]


def test_the_definition_of_a_name_comes_before_its_use():
    records = [record(1, "use.py", "load_it()"), record(2, "define.py", "def load_it(): ...", "load_it")]
    assert ordered("load_it", evidence(records, body=[9.0, 8.0]))[0] == "define.py"


FORMS = (
    "policy", "policies", "policeman", "poly", "apply", "applies", "applied", "auth", "authenticate", "try", "tries",
    "io", "x", "2", "city", "cities", "tokenizer", "tokenization", "token", "map", "mapping", "flies", "fly", "body",
)  # fmt: skip
forms = st.sampled_from(FORMS)


@given_any(asked=st.lists(forms, min_size=1, max_size=4, unique=True), name=st.lists(forms, min_size=1, max_size=3))
@example(asked=["policeman"], name=["poly"])
@example(asked=["policies"], name=["policy"])
def test_a_name_has_the_words_that_are_the_same_or_begin_alike(asked: list[str], name: list[str]):
    query = read_query(f"{' '.join(asked)} something")

    def match(one: str, other: str) -> bool:
        short, long = sorted((one, other), key=len)
        return one == other or (len(short) >= 4 and long.startswith(short))

    parts = list(dict.fromkeys(map(stem, name)))
    features = signals(query, evidence([record(1, "a.py", "", "_".join(name))]))[0]
    matched = [part for part in parts if any(match(part, word) for word in query.words)]
    met = [word for word in query.words if any(match(part, word) for part in parts)]
    covered = Look(query, evidence([])).matcher.union(parts)[1]
    assert covered == pytest.approx(len(matched) / len(parts))
    assert features[NAMES.index("words_in_definition")] == pytest.approx(len(met) / len(query.words))


def test_a_test_stands_back_unless_asked_for():
    records = [record(1, "tests/test_parse.py"), record(2, "src/reader.py")]
    same = {"body": [5.0, 5.0], "similarity": [0.5, 0.5], "file": [5.0, 5.0]}
    assert ordered("reading of input", evidence(records, **same))[0] == "src/reader.py"
    assert ordered("test of parse input", evidence(records, **same))[0] == "tests/test_parse.py"


def test_one_file_does_not_fill_the_list():
    records = [record(i, "a.py") for i in range(1, 5)] + [record(9, "b.py")]
    given = evidence(records, body=[9, 9, 9, 9, 8], similarity=[0.6, 0.6, 0.6, 0.6, 0.58], file=[9, 9, 9, 9, 8])
    assert "b.py" in ordered("anything", given)[:2]
    linear = linear_scores(signals(read_query("anything"), given), False)
    shown = probabilities(order(given.pool.records, linear, is_symbol=False)[:10], 0.8, 0.6, is_symbol=False)
    assert shown == sorted(shown, reverse=True)
    assert all(0 < probability < 1 for probability in shown)


def test_contributions_add_up_to_the_linear_score():
    records = [record(1, "a/b.py", "parse the input", "parse"), record(2, "tests/c.py", "other")]
    query = read_query("parse input")
    features = signals(query, evidence(records, body=[3.0, 1.0], similarity=[0.4, 0.2]))
    linear = linear_scores(features, query.is_symbol)
    for row in range(2):
        assert sum(contributions(features[row], query.is_symbol).values()) == pytest.approx(linear[row], abs=0.01)


def test_scores_lie_between_0_and_1_and_grow_with_relevance():
    scores = relevance(np.array([-50.0, 0.0, 2.0, 50.0]))
    assert (scores >= 0).all()
    assert (scores <= 1).all()
    assert (np.diff(scores) > 0).all()


def test_unknown_similarities_do_not_poison_the_score():
    records = [record(1, "a.py"), record(2, "b.py")]
    features = signals(read_query("x"), evidence(records, similarity=[float("nan"), float("nan")]))
    assert np.isfinite(features).all()
    assert features.shape == (2, len(NAMES))


def column(query: str, given: Evidence, name: str) -> list[float]:
    return list(signals(read_query(query), given)[:, NAMES.index(name)])


def best(query: str, given: Evidence) -> str:
    linear = linear_scores(signals(read_query(query), given), False)
    return given.pool.records[int(linear.argmax())].path


def test_one_word_of_a_question_in_a_file_name_is_little_and_all_of_it_much():
    given = evidence([record(1, "policy.py"), record(2, "naming_policy.py"), record(3, "json_object_policy.py")])
    one, two, three = column("write a json object with named fields by policy", given, "file_name_covered")
    assert one < two < three
    assert column("policy", given, "file_name_covered") == [1.0, 0.5, pytest.approx(1 / 3)]


def test_a_declaration_gives_way_only_to_a_definition_of_its_name():
    def of(number: int, path: str, text: str) -> ChunkRecord:
        symbols = (Symbol("drain", "function", "", 0, text.count("\n") + 1),)
        return ChunkRecord(number, path, "c", Chunk(0, text.count("\n") + 1, text, symbols))

    prototype, stub = (
        of(1, "pond.h", "int drain(int metres);"),
        of(3, "tests/test_pond.c", "int drain(int m) { return 0; }"),
    )
    definition = of(2, "pond.c", "int drain(int metres)\n{\n    return metres;\n}")
    assert column("drain", evidence([prototype, definition]), "declared") == [1.0, 0.0]
    assert column("drain", evidence([prototype, stub]), "declared") == [0.0, 0.0], "a test's own does not count"
    assert column("drain", evidence([prototype]), "declared") == [0.0]


def test_where_words_do_not_cover_the_query_meaning_leads():
    crossings = [record(number, f"{number}.py", "zebra crossing") for number in (1, 2, 3)]
    given = evidence(
        [*crossings, record(4, "like.py", "other words")], body=[9, 8, 8, 1], similarity=[0.3, 0.1, 0.1, 0.6]
    )
    covered, uncovered = "zebra crossing", "zebra stripes gallop across savannah plains"
    assert column(uncovered, given, "body")[0] < 0.5 < column(covered, given, "body")[0]
    assert best(covered, given) == "1.py"
    assert best(uncovered, given) == "like.py"


def test_a_user_in_a_test_is_shown_tests_without_a_penalty():
    records = [record(1, "tests/test_a.py")]
    assert column("anything", evidence(records), "test") == [1.0]
    assert column("anything", evidence(records, tolerated=frozenset({"test"})), "test") == [0.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os\nfrom a import (\n    b,\n    c,\n)\n", True),
        ("#include <a.h>\n#include <b.h>\n", True),
        ("use std::fmt;\nuse std::io;\n", True),
        ("import os\n\ndef f():\n    return os.sep\n", False),
        ("x = 1", False),
        ("# only a comment", False),
    ],
)
def test_chunks_of_imports_alone_are_recognised(text: str, expected: bool):
    assert is_imports_only(text) is expected
