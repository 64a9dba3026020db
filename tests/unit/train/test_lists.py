import random

import student
from lists import Lister


def row(query: str, passage: str, path: str = "a.c", language: str = "c") -> dict[str, str]:
    return {
        "query": query, "chunk": passage, "text": passage, "passage": passage, "path": path, "package": "p",
        "kind": "doc", "language": language,
    }  # fmt: skip


def distinct(number: int) -> str:
    return " ".join(f"word{number}x{place}" for place in range(6))


def plain_rows(count: int, files: int = 5) -> list[dict[str, str]]:
    return [row(f"ask for thing{i}", distinct(i), path=f"{i % files}.c") for i in range(count)]


def test_a_list_has_its_own_passage_first_then_those_of_search_of_the_file_and_of_the_language():
    rows = [*plain_rows(40), *(row(f"other{i}", distinct(100 + i), "z.py", "python") for i in range(40))]
    near = [[(i + 1) % 40, (i + 2) % 40, (i + 3) % 40] for i in range(40)] + [[] for _ in range(40)]
    lister = Lister(rows, near, 9)
    for number in range(40):
        members = lister.members(number, random.Random(number))
        assert members[0] == number
        assert len(set(members)) == 9
        assert set(members[1:4]) == set(near[number])
        assert [rows[i]["path"] for i in members[4:6]] == [rows[number]["path"]] * 2
        assert all(i < 40 for i in members)


def test_what_may_answer_as_well_is_not_in_the_list():
    rows = plain_rows(30)
    rows[7] = row("ask for something else", rows[3]["passage"])
    rows[8] = row("asking for thing3", distinct(8))
    near = [[7, 8] for _ in rows]
    members = {i for seed in range(50) for i in Lister(rows, near, 6).members(3, random.Random(seed))}
    assert not {7, 8} & members


def test_shared_words_go_from_the_whole_list_half_of_the_time():
    rows = [row(f"close handle{i}", f"file\nclose closing {distinct(i)}", path=f"{i}.c") for i in range(20)]
    lister, generator = Lister(rows, [[] for _ in rows], 4), random.Random(5)
    lists = [lister.listed(number, generator) for number in range(20) for _ in range(20)]
    with_words = [["close" in passage.split() for passage in one.passages] for one in lists]
    assert all(len(set(one)) == 1 for one in with_words)
    assert 160 < sum(one[0] for one in with_words) < 240


def test_the_first_lists_are_easy_any_other_of_the_language_and_all_words_there():
    rows = [row(f"close handle{i}", f"file\nclose {distinct(i)}", path="one.c") for i in range(60)]
    steps = Lister(rows, [[(i + 1) % 60] for i in range(60)], 3).steps(20, easy=20)
    first, second = next(steps), next(steps)
    assert all("close" in passage.split() for one in first for passage in one.passages)
    assert any("close" not in passage.split() for one in second for passage in one.passages)
    number = {one["passage"]: place for place, one in enumerate(rows)}
    beside = [number[one.passages[1]] - number[one.passages[0]] for one in first]
    assert sum(distance % 60 == 1 for distance in beside) < 5


def test_a_query_is_given_as_the_second_stage_gives_it():
    rows = plain_rows(10)
    rows[0] = row("parseHTTPUrl of_the Request", distinct(0))
    assert Lister(rows, [[] for _ in rows], 3).listed(0, random.Random(0)).query == "parse http url of the request"


def test_a_passage_of_shared_words_alone_stays_as_it_is():
    rows = [row("close file", "close file"), *plain_rows(10)[1:]]
    lister = Lister(rows, [[] for _ in rows], 3)
    assert {lister.listed(0, random.Random(seed)).passages[0] for seed in range(20)} == {"close file"}


def test_every_pair_is_read_once_before_any_is_read_again_and_in_the_same_order_each_time():
    rows = plain_rows(24)
    first, again = (Lister(rows, [[] for _ in rows], 3).steps(8) for _ in range(2))
    epoch = [next(first) for _ in range(3)]
    assert sorted(one.passages[0].split()[0] for step in epoch for one in step) == sorted(
        next(word for word in one["passage"].split()) for one in rows
    )
    assert epoch == [next(again) for _ in range(3)]


def test_a_student_reads_every_query_once_an_epoch_each_with_its_code():
    rows = plain_rows(20)
    told = {one["query"]: one["chunk"] for one in rows}
    steps = student.steps(rows, 5)
    read = [next(steps) for _ in range(4)]
    assert sorted(query for queries, _ in read for query in queries) == sorted(told)
    assert all(told[query] == code for queries, codes in read for query, code in zip(queries, codes, strict=True))
