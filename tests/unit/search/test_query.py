import pytest

from cognate.search.query import read_query
from cognate.types import Scope
from cognate.words import stem


def test_a_question_keeps_the_words_that_carry_meaning():
    query = read_query("how are the request sessions stored in cookies")
    assert set(query.words) >= {"request", "cooki", stem("sessions"), "stor"}
    assert not {"how", "are", "the", "in"} & set(query.words)
    assert not query.is_symbol


@pytest.mark.parametrize(
    ("text", "name", "qualifier"),
    [
        ("get_torch_home", "get_torch_home", ""),
        ("SentenceEvaluator", "sentenceevaluator", ""),
        ("os.path.join", "join", "path"),
        ("Foo::bar", "bar", "foo"),
        ("valid?", "valid", ""),
        ("session", "session", ""),
    ],
)
def test_a_name_alone_is_a_symbol_query(text: str, name: str, qualifier: str):
    query = read_query(text)
    assert query.is_symbol
    assert (query.names[0], query.qualifiers[0]) == (name, qualifier)
    assert text in query.literals


def test_names_inside_a_question_are_seen():
    query = read_query("where does HTTPAdapter call get_connection")
    assert not query.is_symbol
    assert query.names == ("httpadapter", "get_connection")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("struct client definition", ("client",)),
        ("the client struct", ("client",)),
        ("function that parses headers", ()),
        ("retry policy class", ("policy",)),
    ],
)
def test_a_word_beside_a_kind_of_definition_is_a_name(text: str, names: tuple[str, ...]):
    assert read_query(text).names == names


def test_filters_leave_the_text_and_limit_the_scope():
    query = read_query('retry lang:py path:src/ -path:tests "max retries"')
    assert query.text == "retry max retries"
    assert query.scope == Scope(("src/",), ("tests",), frozenset({"python"}), ("max retries",))


def test_a_colon_in_code_is_no_filter():
    assert read_query("std::path::Path").scope.is_everything
    assert read_query("error: lang missing").scope.is_everything


def test_a_query_of_stop_words_means_just_them():
    assert read_query("with").words == ("with",)


def test_a_query_says_which_kinds_of_files_it_wants():
    assert read_query("tests for the parser").wants == {"test"}
    assert read_query("parser").wants == frozenset()


@pytest.mark.parametrize("text", ["", "   ", '""', "lang:python", "???", "\x00\n"])
def test_any_text_is_a_query(text: str):
    read_query(text)


def test_languages_are_left_out_with_a_minus():
    query = read_query("retry -lang:md,C++ -language:yml lang:python3")
    assert query.text == "retry"
    assert query.scope == Scope(
        languages=frozenset({"python"}), without_languages=frozenset({"markdown", "cpp", "yaml"})
    )
