"""Files in, answers out: real chunks, the shipped model, real indexes."""

from collections.abc import Callable

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.errors import CancelledError, InvalidRequestError
from cognate.search.query import read_query
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.search.spelling import corrected
from cognate.types import Hit, Scope, Span, State

WAIT_S = 300.0

PROJECT = '''//- app/auth.py
"""Signing in."""
import hashlib


def hash_password(password, salt):
    """Return the digest of a password."""
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def check_credentials(user, password):
    return hash_password(password, user.salt) == user.digest
//- app/mail.py
import smtplib


def send_reminder(address, text):
    """Send an electronic letter."""
    with smtplib.SMTP("localhost") as server:
        server.sendmail("noreply", address, text)
//- app/retry.py
import time


def with_backoff(call, attempts=5):
    """Call again after a failure, waiting longer each time."""
    for attempt in range(attempts):
        try:
            return call()
        except OSError:
            time.sleep(2**attempt)
//- tests/test_auth.py
from app.auth import hash_password


def test_hash_password():
    assert hash_password("a", b"b") != hash_password("b", b"b")
//- web/client.js
export async function fetchWithRetry(url, tries = 3) {
  for (let i = 0; i < tries; i++) {
    try { return await fetch(url); } catch (e) { await sleep(2 ** i * 100); }
  }
}
//- README.md
# Demo

## Passwords

Passwords are hashed.
'''


def search(engine: Engine, query: str, limit: int = 10, **options: object) -> tuple[Hit, ...]:
    return engine.search(SearchRequest(query, limit, **options), CancelToken()).hits  # pyright: ignore[reportArgumentType]


def test_a_question_finds_code_that_shares_its_meaning(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert search(engine, "try again when the network fails")[0].path in ("app/retry.py", "web/client.js")
    assert search(engine, "e-mail a notification")[0].path == "app/mail.py"


def test_a_name_finds_its_definition_with_the_focus_on_it(open_workspace: Callable[..., Engine]):
    hit = search(open_workspace(PROJECT), "hash_password")[0]
    assert (hit.path, hit.focus_text) == ("app/auth.py", "def hash_password(password, salt):")
    assert hit.symbol is not None
    assert (hit.symbol.name, hit.symbol.kind) == ("hash_password", "function")
    assert hit.start_line <= hit.focus_line < hit.end_line
    assert 0 < hit.score <= 1


@pytest.mark.parametrize(
    ("query", "scope", "allowed"),
    [
        ("retry", Scope(languages=frozenset({"javascript"})), {"web/client.js"}),
        ("retry lang:js", Scope(), {"web/client.js"}),
        ("retry", Scope(languages=frozenset({"JS"})), {"web/client.js"}),
        ("password", Scope(include=("app/",)), {"app/auth.py", "app/mail.py", "app/retry.py"}),
        ("password -path:app/ -path:README.md", Scope(), {"tests/test_auth.py", "web/client.js"}),
        ("password", Scope(exclude=("*.py", "*.js")), {"README.md"}),
        ('what "hashlib.scrypt" does', Scope(), {"app/auth.py"}),
    ],
)
def test_a_scope_limits_before_ranking(
    open_workspace: Callable[..., Engine], query: str, scope: Scope, allowed: set[str]
):
    hits = search(open_workspace(PROJECT), query, scope=scope)
    assert hits
    assert {hit.path for hit in hits} <= allowed


PAGES = """//- Cart.vue
<script setup lang="ts">
import { priceOf } from './price'
function applyCoupon(rule: string) { return priceOf(rule) }
</script>
<template><b id="sum"/></template>
//- show.html.erb
<% def coupon_row(coupon) %><b><%= coupon %></b><% end %>
//- price.ts
export function priceOf(rule: string) { return 1 }
"""


@pytest.mark.parametrize(
    ("query", "path", "language", "name"),
    [
        ("applyCoupon", "Cart.vue", "vue", "applyCoupon"),
        ("coupon lang:vue", "Cart.vue", "vue", "applyCoupon"),
        ("coupon lang:html", "show.html.erb", "erb", "coupon_row"),
        ("coupon lang:erb", "show.html.erb", "erb", "coupon_row"),
    ],
)
def test_a_part_is_found_in_the_language_of_its_file(
    open_workspace: Callable[..., Engine], query: str, path: str, language: str, name: str
):
    hit = search(open_workspace(PAGES), query)[0]
    assert hit.symbol is not None
    assert (hit.path, hit.language, hit.symbol.name) == (path, language, name)


PHRASES = """//- a.py
def total(items):
    return sum(item.price for item in items)
//- b.py
def subtotal(items):
    return sum(item.price for item in items if item.counts)
//- c.py
def grand_total(basket): return total(basket.items)
"""


@pytest.mark.parametrize(
    ("phrase", "paths"),
    [
        ("item in items", {"a.py", "b.py"}),
        ("ITEM.PRICE FOR", {"a.py", "b.py"}),
        ("items if it", {"b.py"}),
        ("total(", {"a.py", "b.py", "c.py"}),
        ("total(items", {"a.py", "b.py"}),
        ("l(bas", {"c.py"}),
        ("def grand_total", {"c.py"}),
        ("item for", set()),
    ],
)
def test_a_quoted_phrase_is_found_wherever_it_begins_and_ends(
    open_workspace: Callable[..., Engine], phrase: str, paths: set[str]
):
    assert {hit.path for hit in search(open_workspace(PHRASES), f'sum of items "{phrase}"')} == paths


def test_a_quoted_phrase_is_found_in_a_buffer_that_is_not_saved(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PHRASES)
    engine.set_buffer("a.py", "def total(items):\n    return sum(each for each in items)\n")
    assert engine.wait_until_current(WAIT_S)
    assert {hit.path for hit in search(engine, 'sum "each in items"')} == {"a.py"}
    assert {hit.path for hit in search(engine, 'sum "item in items"')} == {"b.py"}


def test_an_answer_counts_folders_and_languages_beyond_its_limit(open_workspace: Callable[..., Engine]):
    answer = open_workspace(PROJECT).search(SearchRequest("hash a password", 1), CancelToken())
    assert len(answer.hits) == 1
    assert dict(answer.facets.folders)["app"] > 1
    assert set(dict(answer.facets.languages)) >= {"python", "markdown"}
    nothing = open_workspace(PROJECT).search(SearchRequest("flurbish grompet zanxly"), CancelToken())
    assert nothing.facets.folders == ()


def test_results_never_repeat_a_place(open_workspace: Callable[..., Engine]):
    hits = search(open_workspace(PROJECT), "password", 50)
    lines = [(hit.path, line) for hit in hits for line in range(hit.start_line, hit.end_line)]
    assert len(lines) == len(set(lines))


def test_reasons_are_given_only_when_asked_for(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert search(engine, "password")[0].why is None
    why = search(engine, "password", explain=True)[0].why
    assert why
    assert any(value > 0 for value in why.values())


def test_the_same_question_gets_the_same_answer(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert search(engine, "password") == search(engine, "password")


@pytest.mark.parametrize("query", ["hash_pasword", "hahs_password", "HashPasswrd", "hsah_pasword", "hash pasword"])
def test_a_name_typed_wrong_is_found(open_workspace: Callable[..., Engine], query: str):
    hit = search(open_workspace(PROJECT), query)[0]
    assert (hit.path, hit.focus_text) == ("app/auth.py", "def hash_password(password, salt):")


def test_a_word_of_a_sentence_that_the_model_knows_is_no_typo(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef lower(text):\n    return text.casefold()\n//- b.py\ndef other(): ...\n")
    view = engine._writer.view
    assert view.snapshot is not None

    def read(text: str) -> str:
        assert view.snapshot is not None
        return corrected(view.snapshot, read_query(text), view.encoder).text

    assert read("how is a tower built") == "how is a tower built"
    assert read("how is lowre done") == "how is lower done"
    assert corrected(view.snapshot, read_query("a tower"), None).text == "a lower", (
        "without a model nothing else is known"
    )


@pytest.mark.parametrize("name", ["needleaaaaaahaystack", "qwzx"])
def test_a_name_that_stands_in_a_single_place_is_close(open_workspace: Callable[..., Engine], name: str):
    engine = open_workspace(
        f"{PROJECT}//- odd.py\n{'# nothing of note' * 30}\nvalue = 1\n\n\ndef {name}():\n    return 1\n"
    )
    assert search(engine, name)[0].path == "odd.py"
    assert search(engine, f"where {name} begins")[0].path == "odd.py"


@pytest.mark.parametrize("query", ["a recipe for apple pie with cinnamon", "flurbish grompet zanxly"])
def test_a_query_about_something_else_finds_nothing(open_workspace: Callable[..., Engine], query: str):
    assert search(open_workspace(PROJECT), query) == ()


def test_hits_near_the_user_gain_a_little(open_workspace: Callable[..., Engine]):
    same = "def parse_amount(text):\n    return int(text)\n"
    engine = open_workspace(f"//- alpha/parse.py\n{same}//- beta/parse.py\n{same}//- beta/here.py\nimport parse\n")
    near = Span("beta/here.py", 0, 1)
    assert search(engine, "parse_amount", near=near)[0].path == "beta/parse.py"
    engine.set_buffer("alpha/parse.py", same)
    engine.set_buffer("alpha/parse.py", same + "\n")
    assert engine.wait_until_current(WAIT_S)
    assert search(engine, "parse_amount")[0].path == "alpha/parse.py"


@pytest.mark.parametrize("query", ["", "  ", "lang:python", '""'])
def test_an_empty_query_is_refused_with_advice(open_workspace: Callable[..., Engine], query: str):
    with pytest.raises(InvalidRequestError, match="type what you are looking for"):
        search(open_workspace(PROJECT), query)


@pytest.mark.parametrize(
    "query", ["\x00", "'; DROP TABLE chunks; --", "((((", "日本語", "a" * 100_000, "🙂", "* AND OR"]
)
def test_no_text_breaks_a_search(open_workspace: Callable[..., Engine], query: str):
    assert isinstance(search(open_workspace(PROJECT), query), tuple)


def test_a_cancelled_search_stops(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        engine.search(SearchRequest("password"), token)


def test_an_empty_folder_answers_with_nothing(open_workspace: Callable[..., Engine]):
    answer = open_workspace("").search(SearchRequest("anything"), CancelToken())
    assert answer.hits == ()
    assert answer.index.state is State.READY
    assert answer.index.coverage == 1.0


def test_related_code_is_found_elsewhere_and_the_place_is_left_out(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    place = Span("app/retry.py", 4, 5)
    hits = engine.related(RelatedRequest(place, 3), CancelToken()).hits
    assert hits[0].path == "web/client.js"
    assert "app/retry.py" not in {hit.path for hit in hits}


SMALL = """//- helpers.py
import socket


def celsius(fahrenheit):
    return (fahrenheit - 32) * 5 / 9


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def free_port():
    with socket.socket() as listener:
        listener.bind(("", 0))
        return listener.getsockname()[1]
//- weather.py
def degrees_in_celsius(temperature_fahrenheit):
    return (temperature_fahrenheit - 32.0) / 1.8
//- dates.py
def leap_year(year):
    if year % 400 == 0:
        return True
    return year % 4 == 0 and year % 100 != 0
//- network.py
import socket


def unused_tcp_port():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    return port
"""


@pytest.mark.parametrize(("line", "path"), [(4, "weather.py"), (8, "dates.py"), (13, "network.py")])
def test_small_functions_that_share_a_chunk_each_have_their_own_like(
    open_workspace: Callable[..., Engine], line: int, path: str
):
    engine = open_workspace(SMALL)
    assert engine._writer.view.info.chunks == 4  # pyright: ignore[reportPrivateUsage]
    hits = engine.related(RelatedRequest(Span("helpers.py", line, line)), CancelToken()).hits
    assert hits[0].path == path


def test_related_code_of_an_unknown_place_is_nothing(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PROJECT)
    assert engine.related(RelatedRequest(Span("no/such.py", 0, 1)), CancelToken()).hits == ()
    assert engine.related(RelatedRequest(Span("app/retry.py", 9999, 10000)), CancelToken()).hits


KEYS = "".join(
    f"//- service{i}/values.yaml\nname: service{i}\nbuild_index: true\nversion: {i}\n"
    f"//- service{i}/package.json\n" + '{\n  "name": "x",\n  "version": "1.0",\n  "build_index": 1\n}\n'
    for i in range(20)
)
CODE_BEHIND_KEYS = '''//- src/index.py
def build_index(files):
    """Make the search index from files."""
    return {file: len(file) for file in files}


def version():
    return "1.0"
'''


@pytest.mark.parametrize("name", ["build_index", "version"])
def test_a_name_typed_alone_finds_code_before_the_keys_of_data(open_workspace: Callable[..., Engine], name: str):
    hits = search(open_workspace(KEYS + CODE_BEHIND_KEYS), name)[:3]
    assert [(hit.path, hit.symbol.kind if hit.symbol else "") for hit in hits[:1]] == [("src/index.py", "function")]
    assert {hit.symbol.kind for hit in hits[1:] if hit.symbol} == {"key"}


@pytest.mark.parametrize(("name", "path"), [("crystal", "stack.cr"), ("awk", "sum.awk"), ("Visual Basic", "form.vb")])
def test_a_language_without_a_grammar_is_found_by_its_name(open_workspace: Callable[..., Engine], name: str, path: str):
    engine = open_workspace(
        f"//- {path}\npush the item on the stack\n//- stack.py\ndef push(item):\n    stack.add(item)\n"
    )
    hits = search(engine, "push an item", scope=Scope(languages=frozenset({name})))
    assert [hit.path for hit in hits] == [path]
