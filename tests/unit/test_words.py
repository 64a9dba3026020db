import pytest

from cognate.words import IDENTIFIER, edit_distance, identifiers, root, split_identifier, stem, words


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("parseHTTPUrl2", ("parse", "http", "url", "2")),
        ("snake_case_name", ("snake", "case", "name")),
        ("SCREAMING_CASE", ("screaming", "case")),
        ("XMLHttpRequest", ("xml", "http", "request")),
        ("__init__", ("init",)),
        ("größeÄndern", ("größe", "ändern")),
        ("x", ("x",)),
    ],
)
def test_identifiers_split_at_case_digits_and_underscores(identifier: str, expected: tuple[str, ...]):
    assert split_identifier(identifier) == expected


@pytest.mark.parametrize(
    "family",
    [
        ("tokenize", "tokenizer", "tokenizing", "tokenization"),
        ("authenticate", "authentication", "authenticator"),
        ("parse", "parser", "parsing", "parses"),
        ("class", "classes"),
        ("query", "queries"),
        ("configure", "configuration", "configured"),
        ("run", "running"),
    ],
)
def test_the_forms_of_a_word_share_a_stem(family: tuple[str, ...]):
    assert len({stem(word) for word in family}) == 1
    assert all(word.startswith(root(stem(word))) for word in family)


@pytest.mark.parametrize(("one", "other"), [("pass", "pas"), ("date", "data"), ("string", "strong"), ("test", "text")])
def test_different_words_keep_different_stems(one: str, other: str):
    assert stem(one) != stem(other)


@pytest.mark.parametrize("text", [
    "a1 = $b_2.c3 + 0xFF - 1e5\tx\x0by\x1cz", "12 345 6a", "é = über(naïve, 3)", "", " ", "$", "a\x00b", "１２ ٣",
])  # fmt: skip
def test_identifiers_are_what_the_pattern_finds(text: str):
    assert identifiers(text) == IDENTIFIER.findall(text)


def test_words_of_code_are_split_and_in_order():
    assert list(words("def loadConfig(file_path): # reads YAML")) == [
        "def", "load", "config", "file", "path", "reads", "yaml",
    ]  # fmt: skip


def test_identifiers_keep_their_spelling():
    assert identifiers("a.bC($d, 42)") == ["a", "bC", "$d", "42"]


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("timeout", "timeout", 0), ("timout", "timeout", 1), ("tiemout", "timeout", 1), ("abc", "abcdefg", 3),
     ("conect_timout", "connect_timeout", 2), ("session", "vector", 3), ("", "ab", 2)],
)  # fmt: skip
def test_edits_are_counted_up_to_a_limit(one: str, other: str, distance: int):
    assert edit_distance(one, other, 2) == edit_distance(other, one, 2) == distance
