"""Tests, callers, callees, siblings and docs of a definition, in projects of several languages."""

from collections.abc import Callable

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.errors import InvalidRequestError
from cognate.search.request import CALLEES, CALLERS, DOCS, KINDS, SIBLINGS, TESTS, RelatedRequest
from cognate.types import Answer, Hit, Scope, Span

PYTHON = '''//- shop/__init__.py
//- shop/prices.py
"""Prices."""
RATE = 0.2


class Rounding:
    """Rounds money."""

    def apply(self, amount):
        return round(amount, 2)

    def apply_all(self, amounts):
        return [self.apply(amount) for amount in amounts]


def with_tax(amount, rate=RATE):
    """Return an amount with its tax."""
    return Rounding().apply(amount * (1 + rate))


def without_tax(amount, rate=RATE):
    """Return an amount without its tax."""
    return Rounding().apply(amount / (1 + rate))


def total(amounts):
    # with_tax is for one amount only.
    return sum(map(with_tax, amounts))
//- shop/invoice.py
from shop.prices import (
    with_tax,
    without_tax,
)


class Invoice:
    def __init__(self, lines):
        self.lines = lines

    def due(self):
        """Say what with_tax makes of the lines."""
        return sum(with_tax(line) for line in self.lines)

    def render(self):
        return f"to pay: {with_tax(self.lines[0])}"


def open_invoice(lines):
    return Invoice(lines)
//- shop/discount.py
class Discount:
    def apply(self, amount):
        return amount * 0.9


def reduced(amount):
    return Discount().apply(amount)
//- legacy/tax.py
def with_tax(amount):
    """The old way."""
    return amount * 1.19


def old_total(amounts):
    return sum(with_tax(a) for a in amounts)
//- tests/test_prices.py
from shop.prices import Rounding, with_tax, without_tax


def test_with_tax():
    assert with_tax(10) == 12


def test_round_trip():
    assert without_tax(with_tax(10)) == 10


def test_rounding_of_many():
    rounding = Rounding()
    assert rounding.apply_all([1.111]) == [1.11]
//- tests/test_discount.py
def test_nothing_yet():
    assert True
//- docs/guide.md
# Guide

## Taxes

Call `with_tax` on each amount, it adds what the state wants.

## Rounding

`Rounding.apply` rounds half to even.

## Weather

It may rain.
'''

TYPESCRIPT = """//- src/cart.ts
import { priceOf } from './price';

export interface Storage { save(cart: Cart): void; }

export class MemoryStorage implements Storage {
  save(cart: Cart): void { this.last = cart; }
}

export class DiskStorage implements Storage {
  save(cart: Cart): void { writeFile(cart); }
}

export class Cart {
  items: string[] = [];

  add(item: string): void {
    this.items.push(item);
  }

  sum(): number {
    return this.items.reduce((all, item) => all + priceOf(item), 0);
  }
}
//- src/price.ts
// priceOf looks a price up.
export function priceOf(item: string): number {
  return TABLE[item] ?? 0;
}

export const TABLE: Record<string, number> = { apple: 1 };
//- src/page.ts
import { Cart } from './cart';
import { priceOf } from './price';

export function showPrice(item: string): string {
  return `${priceOf(item)} euro`;
}

export function checkout(names: string[]): number {
  const cart = new Cart();
  for (const name of names) { cart.add(name); }
  return cart.sum();
}
//- src/set.ts
export class Tags {
  add(tag: string): void { this.all.push(tag); }
}

export function tagged(tags: Tags): void {
  tags.add('new');
}
//- src/cart.test.ts
import { Cart } from './cart';

describe('Cart', () => {
  it('adds what is put into it', () => {
    const cart = new Cart();
    cart.add('apple');
    expect(cart.items).toEqual(['apple']);
  });
});
"""

GO = """//- go.mod
module example.org/bank

go 1.22
//- bank/account.go
package bank

// Account holds money.
type Account struct {
	balance int
}

// Deposit adds money.
func (a *Account) Deposit(amount int) error {
	if err := check(amount); err != nil {
		return err
	}
	a.balance += amount
	return nil
}

// Withdraw takes money.
func (a *Account) Withdraw(amount int) error {
	if err := check(amount); err != nil {
		return err
	}
	a.balance -= amount
	return nil
}
//- bank/check.go
package bank

import "errors"

func check(amount int) error {
	if amount < 0 {
		return errors.New("check: negative")
	}
	return nil
}

// Open makes an account.
func Open() *Account {
	return &Account{}
}
//- bank/account_test.go
package bank

import "testing"

func TestDeposit(t *testing.T) {
	account := Open()
	if account.Deposit(3) != nil {
		t.Fatal("no deposit")
	}
}
//- cmd/main.go
package main

import "example.org/bank/bank"

func main() {
	account := bank.Open()
	account.Deposit(5)
}
//- door/door.go
package door

func Open() bool { return true }

func enter() bool { return Open() }
"""

RUST = """//- src/lib.rs
pub struct Counter { n: u32 }

impl Counter {
    pub fn step(&mut self) -> u32 {
        self.n += 1;
        self.n
    }
}

pub fn twice(counter: &mut Counter) -> u32 {
    counter.step() + counter.step()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted() {
        let mut counter = Counter { n: 0 };
        assert_eq!(counter.step(), 1);
    }
}
"""

PROJECTS = {"python": PYTHON, "typescript": TYPESCRIPT, "go": GO, "rust": RUST}


def files_of(text: str) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for part in text.split("//- ")[1:]:
        path, _, body = part.partition("\n")
        files[path] = body.split("\n")
    return files


def ask(engine: Engine, project: str, path: str, line: str, kind: str, *, limit: int = 10, **more: object) -> Answer:
    """Ask about the first line of a file that holds some text."""
    row = next(i for i, text in enumerate(files_of(project)[path]) if line in text)
    request = RelatedRequest(Span(path, row, row + 1), limit, kind=kind, **more)  # pyright: ignore[reportArgumentType]
    return engine.related(request, CancelToken())


def lines(hits: tuple[Hit, ...]) -> list[str]:
    return [f"{hit.path}: {hit.focus_text.strip()}" for hit in hits]


CASES = [
    (
        "python", "shop/prices.py", "def with_tax", CALLERS,
        {
            "shop/prices.py: return sum(map(with_tax, amounts))",
            "shop/invoice.py: return sum(with_tax(line) for line in self.lines)",
            'shop/invoice.py: return f"to pay: {with_tax(self.lines[0])}"',
            "tests/test_prices.py: assert with_tax(10) == 12",
            "tests/test_prices.py: assert without_tax(with_tax(10)) == 10",
        },
    ),
    ("python", "legacy/tax.py", "def with_tax", CALLERS, {"legacy/tax.py: return sum(with_tax(a) for a in amounts)"}),
    ("python", "shop/discount.py", "def apply", CALLERS, {"shop/discount.py: return Discount().apply(amount)"}),
    ("python", "shop/invoice.py", "def __init__", CALLERS, {"shop/invoice.py: return Invoice(lines)"}),
    (
        "python", "shop/prices.py", "def with_tax", TESTS,
        {
            "tests/test_prices.py: assert with_tax(10) == 12",
            "tests/test_prices.py: assert without_tax(with_tax(10)) == 10",
        },
    ),
    (
        "python", "shop/prices.py", "def apply_all", TESTS,
        {"tests/test_prices.py: assert rounding.apply_all([1.111]) == [1.11]"},
    ),
    ("python", "shop/discount.py", "def reduced", TESTS, {"tests/test_discount.py: def test_nothing_yet():"}),
    (
        "python", "shop/prices.py", "def with_tax", CALLEES,
        {"shop/prices.py: class Rounding:", "shop/prices.py: def apply(self, amount):", "shop/prices.py: RATE = 0.2"},
    ),
    ("python", "shop/invoice.py", "def due", CALLEES, {"shop/prices.py: def with_tax(amount, rate=RATE):"}),
    (
        "typescript", "src/price.ts", "function priceOf", CALLERS,
        {
            "src/cart.ts: return this.items.reduce((all, item) => all + priceOf(item), 0);",
            "src/page.ts: return `${priceOf(item)} euro`;",
        },
    ),
    ("typescript", "src/cart.ts", "  add(item", TESTS, {"src/cart.test.ts: cart.add('apple');"}),
    ("typescript", "src/set.ts", "  add(tag", CALLERS, {"src/set.ts: tags.add('new');"}),
    ("go", "bank/check.go", "func check", CALLERS, {"bank/account.go: if err := check(amount); err != nil {"}),
    (
        "go", "bank/check.go", "func Open", CALLERS,
        {"cmd/main.go: account := bank.Open()", "bank/account_test.go: account := Open()"},
    ),
    ("go", "door/door.go", "func Open", CALLERS, {"door/door.go: func enter() bool { return Open() }"}),
    (
        "go", "bank/account.go", ") Deposit", CALLERS,
        {"cmd/main.go: account.Deposit(5)", "bank/account_test.go: if account.Deposit(3) != nil {"},
    ),
    ("go", "bank/account.go", ") Deposit", TESTS, {"bank/account_test.go: if account.Deposit(3) != nil {"}),
    ("go", "bank/account.go", ") Withdraw", CALLEES, {"bank/check.go: func check(amount int) error {"}),
    ("rust", "src/lib.rs", "pub fn step", TESTS, {"src/lib.rs: assert_eq!(counter.step(), 1);"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(case[:4]))
def test_what_is_related_is_found_and_nothing_else(
    open_workspace: Callable[..., Engine], case: tuple[str, str, str, str, set[str]]
):
    project, path, line, kind, expected = case
    hits = ask(open_workspace(PROJECTS[project]), PROJECTS[project], path, line, kind).hits
    assert set(lines(hits)) == expected
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score <= 1.0 for score in scores)
    assert all(hit.start_line <= hit.focus_line < hit.end_line for hit in hits)


def test_callers_in_code_come_before_those_in_tests(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(PYTHON), PYTHON, "shop/prices.py", "def with_tax", CALLERS).hits
    assert [hit.path.startswith("tests/") for hit in hits] == [False, False, False, True, True]


def test_the_hit_is_the_definition_that_calls(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(PYTHON), PYTHON, "shop/prices.py", "def with_tax", CALLERS).hits
    assert {hit.symbol.name for hit in hits if hit.symbol} == {
        "total", "due", "render", "test_with_tax", "test_round_trip",
    }  # fmt: skip


def test_the_best_test_is_named_after_what_it_tests(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(PYTHON), PYTHON, "shop/prices.py", "def with_tax", TESTS).hits
    assert hits[0].symbol is not None
    assert hits[0].symbol.name == "test_with_tax"


def test_siblings_have_the_same_role(open_workspace: Callable[..., Engine]):
    functions = ask(open_workspace(PYTHON), PYTHON, "shop/prices.py", "def with_tax", SIBLINGS).hits
    assert lines(functions)[0] == "shop/prices.py: def without_tax(amount, rate=RATE):"
    assert "class" not in {hit.symbol.kind for hit in functions if hit.symbol}


def test_siblings_of_a_type_implement_the_same(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(TYPESCRIPT), TYPESCRIPT, "src/cart.ts", "class MemoryStorage", SIBLINGS).hits
    assert lines(hits)[0] == "src/cart.ts: export class DiskStorage implements Storage {"


def test_siblings_of_a_method_in_go_are_the_methods_of_its_type(open_workspace: Callable[..., Engine]):
    hits = ask(open_workspace(GO), GO, "bank/account.go", ") Deposit", SIBLINGS).hits
    assert lines(hits)[0] == "bank/account.go: func (a *Account) Withdraw(amount int) error {"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("def with_tax", "Call `with_tax` on each amount, it adds what the state wants."),
        ("def apply(", "`Rounding.apply` rounds half to even."),
    ],
)
def test_docs_name_the_definition(open_workspace: Callable[..., Engine], line: str, expected: str):
    hits = ask(open_workspace(PYTHON), PYTHON, "shop/prices.py", line, DOCS).hits
    assert lines(hits)[0] == f"docs/guide.md: {expected}"


def test_a_line_without_a_definition_says_so(open_workspace: Callable[..., Engine]):
    answer = ask(open_workspace(PYTHON), PYTHON, "docs/guide.md", "It may rain", CALLERS)
    assert not answer.hits
    assert answer.advice.message == "There is no definition at this line."


def test_a_project_without_prose_has_no_docs(open_workspace: Callable[..., Engine]):
    answer = ask(open_workspace(GO), GO, "bank/check.go", "func check", DOCS)
    assert not answer.hits
    assert answer.advice.message == "No documentation of check was found."


def test_what_nothing_uses_is_said(open_workspace: Callable[..., Engine]):
    answer = ask(open_workspace(PYTHON), PYTHON, "legacy/tax.py", "def old_total", CALLERS)
    assert not answer.hits
    assert answer.advice.message == "Nothing that uses old_total was found."


def test_scope_limit_and_least_score_hold(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PYTHON)
    where = engine, PYTHON, "shop/prices.py", "def with_tax", CALLERS
    assert {hit.path for hit in ask(*where, scope=Scope(include=("tests/",))).hits} == {"tests/test_prices.py"}
    assert len(ask(*where, limit=2).hits) == 2
    assert ask(*where, min_score=1.0).hits == ()
    (first, *_) = ask(*where, explain=True).hits
    assert first.why is not None
    assert first.why["score"] == first.score


def test_an_unknown_kind_is_refused(open_workspace: Callable[..., Engine]):
    engine = open_workspace(PYTHON)
    with pytest.raises(InvalidRequestError, match="tests, callers, callees"):
        ask(engine, PYTHON, "shop/prices.py", "def with_tax", "cousins")


def test_what_is_only_declared_is_a_callee(open_workspace: Callable[..., Engine]):
    headers = """//- ring.h
int ring_wrap(int at);
//- main.c
#include "ring.h"
int next(int at) {
  return ring_wrap(at);
}
"""
    hits = ask(open_workspace(headers), headers, "main.c", "int next", CALLEES).hits
    assert lines(hits) == ["ring.h: int ring_wrap(int at);"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_answers_at_any_line(open_workspace: Callable[..., Engine], kind: str):
    engine = open_workspace(PYTHON + TYPESCRIPT)
    for path, text in files_of(PYTHON + TYPESCRIPT).items():
        for row in range(len(text)):
            engine.related(RelatedRequest(Span(path, row, row + 1), kind=kind), CancelToken())
