import pytest

from cognate.search.query import LANGUAGE, PATH, read_query, with_filter, with_suggestion
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


def test_a_filter_is_added_once_and_replaced_when_chosen_again():
    once = with_filter("retry a request", LANGUAGE, "python")
    assert once == "retry a request lang:python"
    assert with_filter(once, LANGUAGE, "go") == "retry a request lang:go"
    assert with_filter("language:go retry a request", LANGUAGE) == "retry a request"


def test_a_filter_that_excludes_and_one_inside_a_word_are_left_alone():
    assert with_filter("a -path:tests xpath:y folder:b", PATH, "src/") == "a -path:tests xpath:y path:src/"


def test_a_path_with_blanks_is_quoted_and_found_again():
    quoted = with_filter("x", PATH, "my dir/sub/")
    assert quoted == 'x path:"my dir/sub/"'
    assert with_filter(quoted, PATH) == "x"


@pytest.mark.parametrize(
    ("query", "suggestion", "asked"),
    [
        ("retry lang:pyhton path:src/", "lang:python", "retry path:src/ lang:python"),
        ("retry path:scr/", 'path:"my src"', 'retry path:"my src"'),
        ("retry lang:bat", "path:*.bat", "retry path:*.bat"),
        ("undo part of it ", "savepoint", "undo part of it savepoint"),
        ("undo lang:python", "nested", "undo lang:python nested"),
    ],
)
def test_a_suggestion_is_a_word_more_or_a_filter_in_place_of_another(query: str, suggestion: str, asked: str):
    assert with_suggestion(query, suggestion) == asked
