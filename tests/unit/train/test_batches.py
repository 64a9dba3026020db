import random

from batches import FAMILY, batches, families, pair_of, without_shared, wrongly_wrong
from lexical import neighbours
from loop import WARM_UP, rate_at


def row(query: str, chunk: str, path: str = "a.c", kind: str = "doc") -> dict[str, str]:
    return {"query": query, "text": chunk, "chunk": chunk, "path": path, "package": "p", "kind": kind, "language": "c"}


def test_shared_words_are_deleted_whatever_their_endings_and_others_stay():
    text = "src lazy free\nfree object thread queue objects"
    assert without_shared(text, "Frees objects in another thread") == "src lazy\nqueue"


def test_code_is_read_with_and_without_the_shared_words_about_half_of_the_time_each():
    generator = random.Random(3)
    read = [pair_of(row("closing files", "io\nclose file handle"), generator)[1] for _ in range(400)]
    assert 150 < read.count("io\nhandle") < 250
    assert read.count("io\nclose file handle") == 400 - read.count("io\nhandle")


def test_a_name_is_asked_for_as_it_is_typed_or_as_words_that_the_code_has_not():
    generator = random.Random(3)
    name = row("close file", "io\nclose file handle", kind="name")
    assert {pair_of(name, generator) for _ in range(60)} == {
        ("close_file", "io\nclose file handle"),
        ("closeFile", "io\nclose file handle"),
        ("CloseFile", "io\nclose file handle"),
        ("close file", "io\nhandle"),
    }


def test_code_of_shared_words_alone_is_read_as_it_is():
    read = {pair_of(row("close file", "close file"), random.Random(seed)) for seed in range(20)}
    assert read == {("close file", "close file")}


def test_every_pair_is_in_one_family_with_what_search_finds_first_and_then_its_file():
    rows = [row(f"q{i}", f"c{i}", path=f"{i % 4}.c") for i in range(40)]
    near = [[(i + 1) % 40, (i + 2) % 40] for i in range(40)]
    found = list(families(rows, near, random.Random(0)))
    assert sorted(number for family in found for number in family) == list(range(40))
    first = found[0]
    assert first[1:3] == near[first[0]]
    assert {rows[number]["path"] for number in first[3:]} == {rows[first[0]]["path"]}
    assert max(map(len, found)) <= FAMILY


def test_batches_are_full_and_no_pair_is_in_two():
    rows = [row(f"q{i}", f"c{i}") for i in range(50)]
    found = list(batches(rows, [[] for _ in rows], 16, random.Random(0)))
    assert [len(batch) for batch in found] == [16, 16, 16]
    assert len({number for batch in found for number in batch}) == 48


def test_nearly_the_same_code_and_the_same_question_do_not_count_as_wrong():
    rows = [
        row("open a door", "alpha beta gamma delta"),
        row("shut a window", "alpha beta gamma epsilon"),
        row("sing a song", "one two three four"),
        row("a song to sing", "five six seven eight"),
    ]
    assert wrongly_wrong(rows) == [(0, 1), (1, 0), (2, 3), (3, 2)]


def test_lexical_neighbours_have_the_words_of_the_query_and_are_never_the_pair_itself():
    rows = [
        row("evict the oldest entry", "cache\nevict oldest entry"),
        row("unrelated words", "lru\nentries oldest evicting list"),
        row("other things", "socket\nbind listen"),
    ]
    assert neighbours(rows)[0] == [1]


def test_the_rate_rises_to_its_peak_and_falls_to_nothing():
    assert rate_at(0.0) == 0.0
    assert rate_at(WARM_UP) == 1.0
    assert rate_at(1.0) == 0.0
    assert rate_at(0.5) > rate_at(0.6)
