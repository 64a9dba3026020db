import random

from choose import MOST_OF_PACKAGE, fair_mix, without_repeats
from likeness import TOO_LIKE, Known, sketch


def row(query: str, text: str = "a\nb", kind: str = "doc", package: str = "p", language: str = "c") -> dict[str, str]:
    return {
        "query": query, "text": text, "chunk": text, "kind": kind, "package": package, "language": language, "path": "x"
    }  # fmt: skip


def test_what_asks_the_same_in_other_endings_is_kept_once():
    rows = [row("close the files", "h\nx"), row("Closes the file", "h\ny"), row("open the file", "h\nz")]
    assert [kept["text"] for kept in without_repeats(rows)] == ["h\nx", "h\nz"]


def test_the_same_code_is_kept_once_a_kind_wherever_it_stands():
    rows = [row("one", "here\nsame code"), row("two", "there\nsame code"), row("three", "here\nsame code", "comment")]
    assert [kept["query"] for kept in without_repeats(rows)] == ["one", "three"]


def test_no_package_gives_more_of_a_kind_than_its_limit():
    most = MOST_OF_PACKAGE["heading"]
    rows = [row(f"q{i}", f"h\n{i}", "heading") for i in range(most + 50)] + [row("other", "h\no", "heading", "q")]
    mixed = fair_mix(rows, random.Random(1))
    assert sum(kept["package"] == "p" for kept in mixed) == most
    assert sum(kept["package"] == "q" for kept in mixed) == 1


FUNCTION = """
int lru_evict(struct cache *cache, size_t wanted) {
    struct entry *entry = cache->tail;
    while (entry && cache->used > wanted) {
        struct entry *previous = entry->previous;
        cache->used -= entry->size;
        list_remove(&cache->order, entry);
        table_delete(cache->table, entry->key, entry->hash);
        free(entry->value);
        free(entry);
        entry = previous;
    }
    cache->tail = entry;
    return cache->used <= wanted;
}
"""


def test_a_copy_inside_other_code_is_a_near_duplicate_and_other_code_is_not():
    known = Known.of(["int before(void) { return 1; }\n" + FUNCTION + "int after(void) { return 2; }"])
    assert known.share(sketch(FUNCTION)) == 1.0
    assert known.share(sketch(FUNCTION.replace("previous", "older"))) > TOO_LIKE
    other = "def spread(rows, limit):\n" + "\n".join(
        f"    rows[{i}].width{i} = limit + pad{i} * scale" for i in range(20)
    )
    assert known.share(sketch(other)) == 0.0


def test_a_text_too_short_to_tell_is_no_near_duplicate():
    assert Known.of([FUNCTION]).share(sketch("return cache->used <= wanted;")) == 0.0
