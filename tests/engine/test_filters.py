"""Filters of a question: what they let through, and what is said where they let nothing through."""

import json
from collections.abc import Callable

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.search.request import SearchRequest
from cognate.types import EVERYTHING, Advice, Answer, Scope


def cells(*cells: tuple[str, str], language: str) -> str:
    entries = [{"cell_type": kind, "source": source, "outputs": []} for kind, source in cells]
    return json.dumps({"cells": entries, "metadata": {"language_info": {"name": language}}, "nbformat": 4})


PROJECT = f"""//- src/cart.py
def total_of_cart(items):
    return sum(items)
//- src/cart.ts
export function totalOfCart(items: number[]) {{ return items.length; }}
//- web/CartView.tsx
export const CartView = () => <div>cart</div>;
//- deploy/cart.sh
echo cart
//- README.md
# Cart
How the cart works.
//- cart.lot
echo cart
//- cart.ipynb
{cells(("code", "def forecast_cart(series): return series"), ("markdown", "# Cart forecast"), language="python")}
//- cart_r.ipynb
{cells(("code", "forecast <- function(cart) cart"), language="R")}
"""


@pytest.fixture
def ask(open_workspace: Callable[..., Engine]) -> Callable[..., Answer]:
    engine = open_workspace(PROJECT)
    return lambda query, scope=EVERYTHING: engine.search(SearchRequest(query, 20, scope), CancelToken())


def paths(answer: Answer) -> set[str]:
    return {hit.path for hit in answer.hits}


def languages(*names: str) -> Scope:
    return Scope(languages=frozenset(names))


def test_a_language_is_meant_by_any_of_its_names(ask: Callable[..., Answer]):
    assert paths(ask("lang:py cart", languages("Python"))) == {"src/cart.py", "cart.ipynb"}
    assert paths(ask("lang:typescriptreact cart")) == {"web/CartView.tsx"}
    assert paths(ask("lang:shell-script cart")) == {"deploy/cart.sh"}
    assert paths(ask("lang:txt cart")) == {"cart.lot"}
    assert paths(ask("cart", languages("ts"))) == {"src/cart.ts", "web/CartView.tsx"}


def test_a_cell_of_a_notebook_is_in_its_own_language(ask: Callable[..., Answer]):
    assert paths(ask("lang:r cart")) == {"cart_r.ipynb"}
    assert {hit.cell for hit in ask("lang:markdown path:*.ipynb cart").hits} == {1}
    assert {hit.cell for hit in ask("-lang:markdown path:cart.ipynb cart").hits} == {0}
    assert paths(ask("lang:jupyter cart")) == {"cart.ipynb", "cart_r.ipynb"}
    assert not paths(ask("-lang:notebook cart")) & {"cart.ipynb", "cart_r.ipynb"}


def test_languages_are_left_out_with_their_dialects(ask: Callable[..., Answer]):
    found = paths(ask("-lang:typescript,md -lang:text cart"))
    assert found == {"src/cart.py", "deploy/cart.sh", "cart.ipynb", "cart_r.ipynb"}


def test_typed_filters_and_those_of_the_request_both_limit(ask: Callable[..., Answer]):
    assert paths(ask("lang:ts,py cart", languages("typescript", "bash"))) == {"src/cart.ts", "web/CartView.tsx"}
    assert paths(ask("path:src cart", Scope(include=("*.py", "web/")))) == {"src/cart.py"}
    nothing = ask("lang:ts cart", languages("python"))
    assert nothing.hits == ()
    assert nothing.advice.message == "Nothing here passes all filters at once: lang:typescript lang:python."


@pytest.mark.parametrize(
    ("query", "message", "suggestions"),
    [
        ("lang:klingon cart", "No language known here is called 'klingon'. The folder holds ", ()),
        ("lang:pyhton cart", "No language known here is called 'pyhton'; did you mean lang:python? ", ("lang:python",)),
        ("-lang:lot cart", "No language known here is called 'lot'; did you mean path:*.lot? ", ("path:*.lot",)),
        ("lang:a1b2,zz9 cart", "No language known here is called 'a1b2' or 'zz9'. ", ()),
        ("path:depoly cart", "No indexed file matches path:depoly; did you mean path:deploy?", ("path:deploy",)),
        ('cart "not there"', '"not there" is nowhere in this folder. Its words are searched without the quotes.', ()),
        ("lang:python path:web cart", "Nothing here passes all filters at once: lang:python path:web.", ()),
        ("-path:* cart", "Nothing here passes all filters at once: -path:*.", ()),
    ],
)
def test_filters_that_let_nothing_through_say_so(
    ask: Callable[..., Answer], query: str, message: str, suggestions: tuple[str, ...]
):
    answer = ask(query)
    assert answer.advice.message.startswith(message)
    assert answer.advice.suggestions == suggestions
    assert answer.hits == () or query.startswith("-lang:")


def test_a_language_that_is_not_here_is_said_with_those_that_are(ask: Callable[..., Answer]):
    advice = ask("lang:golang cart").advice
    assert advice.message.startswith("Nothing here is in go. The folder holds notebook, ")
    assert advice.suggestions[0] == "lang:notebook"


def test_an_unknown_language_is_said_beside_answers_in_a_known_one(ask: Callable[..., Answer]):
    answer = ask("lang:bash,klingon cart")
    assert paths(answer) == {"deploy/cart.sh"}
    assert "'klingon'" in answer.advice.message


def test_there_is_no_advice_where_filters_are_not_to_blame(ask: Callable[..., Answer]):
    assert ask("lang:python cart").advice == Advice()
    assert ask("lang:python zebra crossing ornithology").advice == Advice()
    assert ask("cart").advice == Advice()
