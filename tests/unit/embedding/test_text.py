"""What a chunk says to the model."""

from cognate.embedding.text import MAX_SYMBOL_WORDS, MAX_WORDS, digest, embedding_text
from cognate.types import Chunk, Symbol


def check(path: str, text: str, expected: str, *, symbols: tuple[str, ...] = (), container: str = "") -> None:
    found = tuple(Symbol(name, "function", container, 0, 1) for name in symbols)
    chunk = Chunk(0, text.count("\n") + 1, text, found, container)
    assert embedding_text(path, chunk) == expected


def test_the_header_holds_three_path_parts_without_extension_then_names():
    check(
        "server/src/http_client/retryPolicy.py",
        "pass",
        "src http client retry policy session pool get backoff",
        symbols=("getBackoff",),
        container="Session.Pool",
    )


def test_words_of_code_and_comments_come_once_split_and_lower_cased():
    check("a.py", "# Reads readAll()\nbuffer = read_all(BUFFER)", "a\nreads read all buffer")


def test_keywords_numbers_and_single_letters_are_dropped():
    check("a.py", "def f(x): return x + 42 if value else None", "a\nvalue")


def test_names_in_the_header_come_once():
    check("m.py", "", "m user name get", symbols=("user_name", "get_name"), container="User")


def test_a_dot_file_keeps_its_name():
    check(".gitignore", "build", "gitignore\nbuild")


def test_a_chunk_without_words_has_its_path():
    check("docs/a-b.md", "---\n***", "docs a b")


def test_long_chunks_and_long_lists_of_names_are_cut():
    letters = [f"{a}{b}word" for a in "bcdfghjkmn" for b in "aeiouxyzqw"]
    symbols = tuple(Symbol(name, "constant", "", 0, 1) for name in letters)
    header, words = embedding_text("f.py", Chunk(0, 1, " ".join(letters), symbols)).split("\n")
    assert len(header.split()) == 1 + MAX_SYMBOL_WORDS
    assert len(words.split()) == MAX_WORDS


def test_place_in_the_file_does_not_matter():
    assert embedding_text("a.py", Chunk(0, 1, "x y")) == embedding_text("a.py", Chunk(7, 8, "x y"))


def test_digests_have_16_bytes_and_tell_texts_apart():
    assert len(digest("a")) == 16
    assert digest("a") != digest("b")
    assert digest("not quite \ud800 text") == digest("not quite \ud800 text")
