"""The shape of a definition is what is left without its names, and its words are what the names mean."""

import numpy as np

from cognate.search.buckets import about_in_common, pairs_that_meet, sketches_of
from cognate.search.clusters import Group, groups_of
from cognate.search.shapes import in_common, shape_of, tokens_of, words_of

COUNT = """
def count_open(tickets, limit=10):
    # Those that nobody closed.
    total = 0
    for ticket in tickets:
        if ticket.state == "open" and total < limit:
            total += 1
    return total
"""
RENAMED = '''
def number_of_drafts(pages, most=25):
    """How many were never shown."""
    seen = 0
    for page in pages:
        if page.kind == 'draft' and seen < most:
            seen += 1
    return seen
'''
OTHER = """
def count_open(tickets, limit=10):
    while tickets and limit:
        ticket = tickets.pop()
        limit -= not ticket.close()
    raise ValueError(tickets)
"""


def likeness_of_shapes(one: str, other: str, language: str = "python") -> float:
    shapes = [shape_of(tokens_of(text, language)) for text in (one, other)]
    return in_common(*shapes)


def test_other_names_numbers_and_texts_leave_the_shape_as_it_is():
    without_doc = RENAMED.replace('    """How many were never shown."""\n', "")
    assert likeness_of_shapes(COUNT, without_doc) == 1.0
    assert likeness_of_shapes(COUNT, RENAMED) > 0.75
    assert likeness_of_shapes(COUNT, OTHER) < 0.3


def test_another_operator_or_keyword_changes_the_shape():
    assert likeness_of_shapes(COUNT, COUNT.replace("+=", "-=")) < 1.0
    assert likeness_of_shapes(COUNT, COUNT.replace(" and ", " or ")) < 1.0


def test_what_is_a_keyword_is_for_the_language_to_say():
    assert likeness_of_shapes("run(function, 1)", "run(action, 1)") == 1.0
    assert likeness_of_shapes("run(function, 1)", "run(action, 1)", "javascript") < 1.0


def test_comments_have_words_and_no_shape():
    commented = COUNT.replace("    total = 0\n", "    total = 0  # how many there are, as of now\n")
    assert likeness_of_shapes(COUNT, commented) == 1.0
    assert likeness_of_shapes("a(b); /* x + y */ c(d);", "a(b); c(d);", "c") == 1.0
    assert in_common(words_of(COUNT), words_of(commented)) < 1.0


def test_words_meet_whatever_the_style_and_the_ending():
    assert in_common(words_of("openedFiles"), words_of("opening_file")) == 1.0
    assert in_common(words_of("open_store"), words_of("closeDoor")) == 0.0
    assert in_common(words_of(""), words_of("")) == 0.0


def numbers(*ranges: range) -> list[np.ndarray]:
    return [np.array(one, np.uint32) for one in ranges]


def test_sets_with_much_in_common_meet_and_others_do_not():
    sets = numbers(range(100), range(10, 110), range(1000, 1100), range(2000, 2100))
    sketches = sketches_of(sets)
    pairs = pairs_that_meet(sketches, [0, 0, 0, 0])
    assert pairs.tolist() == [[0, 1]]
    assert abs(about_in_common(sketches, pairs)[0] - in_common(sets[0], sets[1])) < 0.2
    assert pairs_that_meet(sketches, [0, 1, 0, 0]).tolist() == []


def test_all_members_of_a_group_are_alike():
    likenesses = {(0, 1): 0.9, (1, 2): 0.8, (3, 4): 0.75, (2, 3): 0.5}
    asked: list[tuple[int, int]] = []

    def compare(one: int, other: int) -> float:
        asked.append((one, other))
        return 0.1

    groups = groups_of(likenesses, compare, 0.7)
    assert groups == [Group((0, 1), 0.9), Group((3, 4), 0.75)]
    assert asked == [(0, 2)]
    assert groups_of(likenesses, lambda one, other: 0.72, 0.7)[0] == Group((0, 1, 2), 0.72)
