"""What a query points at is the answer: frames of traces, paths with lines, names in any style, definitions."""

from collections.abc import Callable

from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.search.request import SearchRequest
from cognate.types import Hit

FILLER = "".join(
    f"//- lib/part{n}.py\ndef fetch_part{n}(item):\n    return store.fetch(item, {n})\n\n\n"
    f"def merge_part{n}(one, other):\n    return {{**one, **other}}\n"
    for n in range(6)
)

MILL = (
    FILLER
    + """//- app/grain/sacks.py
LIMIT = 3


def weigh(sack):
    total = 0
    for grain in sack:
        total += grain.weight
    return total


class Sack:
    def pour(self, other):
        for grain in self.grains:
            other.append(grain)
//- app/views.py
from app.grain.sacks import weigh


def show(request):
    return weigh(request.sack)
//- web/src/basket.js
export class Basket {
  close(order) {
    this.order = order;
    return order.total;
  }
}

export function openBasket(id) {
  return fetch(`/baskets/${id}`);
}
//- src/main/java/com/acme/mill/Wheel.java
package com.acme.mill;

public class Wheel {
    private int speed;

    int turn(int by) {
        speed += by;
        return speed;
    }
}
//- stone/stone.go
package stone

func Turn(by int) int {
	return by * 2
}
//- crate/src/brook.rs
pub fn flow(depth: u32) -> u32 {
    let fast = depth * 3;
    fast
}
//- models/field.rb
class Field
  def plough(depth)
    depth * 2
  end
end
//- lib/Barn.php
<?php
class Barn {
    public function store($hay) {
        $this->hay[] = $hay;
    }
}
//- Farm/Cow.cs
namespace Farm {
    class Cow {
        int Milk(int litres) {
            return litres * 2;
        }
    }
}
//- lib/farm/goose.ex
defmodule Farm.Goose do
  def honk(times) do
    String.duplicate("honk", times)
  end
end
//- native/dam.cpp
int hold(int *water) {
    int sum = 0;
    sum += water[1];
    return sum;
}
"""
)


def search(engine: Engine, query: str, limit: int = 5) -> tuple[Hit, ...]:
    return engine.search(SearchRequest(query, limit, explain=True), CancelToken()).hits


def check(engine: Engine, query: str, path: str, line: int) -> None:
    """Expect the first hit at a line, counted from 1."""
    hits = search(engine, query)
    assert hits, query
    assert (hits[0].path, hits[0].focus_line + 1) == (path, line), query


def test_a_trace_of_any_language_leads_to_its_innermost_frame_here(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    check(
        engine,
        "Traceback (most recent call last):\n"
        '  File "/srv/app/views.py", line 5, in show\n    return weigh(request.sack)\n'
        '  File "/srv/app/grain/sacks.py", line 7, in weigh\n    total += grain.weight\n'
        '  File "/usr/lib/python3.11/numbers.py", line 40, in __add__\n'
        "AttributeError: 'Stone' object has no attribute 'weight'",
        "app/grain/sacks.py",
        7,
    )
    check(
        engine,
        "TypeError: order is undefined\n    at Basket.close (webpack:///./src/basket.js:4:18)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
        "web/src/basket.js",
        4,
    )
    check(
        engine,
        "java.lang.ArithmeticException: overflow\n\tat java.base/java.lang.Math.addExact(Math.java:883)\n"
        "\tat com.acme.mill.Wheel.turn(Wheel.java:7)\n\tat com.acme.mill.Main.main(Main.java:3)",
        "src/main/java/com/acme/mill/Wheel.java",
        7,
    )
    check(
        engine,
        "panic: overflow\n\ngoroutine 1 [running]:\nexample.com/stone.Turn(...)\n\t/home/me/stone/stone.go:4 +0x1d",
        "stone/stone.go",
        4,
    )
    check(
        engine,
        "thread 'main' panicked at src/brook.rs:2:16:\nattempt to multiply with overflow\nstack backtrace:\n"
        "   0: rust_begin_unwind\n             at /rustc/90b35a6/library/std/src/panicking.rs:665:5\n"
        "   1: crate::brook::flow\n             at ./src/brook.rs:2:16",
        "crate/src/brook.rs",
        2,
    )
    check(
        engine,
        "models/field.rb:3:in `plough': undefined method `*' for nil (NoMethodError)\n\tfrom bin/farm:2:in `<main>'",
        "models/field.rb",
        3,
    )
    check(
        engine,
        "PHP Fatal error:  Uncaught Error: full in /var/www/lib/Barn.php:4\nStack trace:\n"
        "#0 /var/www/index.php(9): Barn->store(Object(Hay))\n#1 {main}",
        "lib/Barn.php",
        4,
    )
    check(
        engine,
        "System.OverflowException: too much\n   at Farm.Cow.Milk(Int32 litres) in C:\\farm\\Farm\\Cow.cs:line 4",
        "Farm/Cow.cs",
        4,
    )
    check(
        engine,
        "** (FunctionClauseError) no function clause matching\n    (elixir 1.15.0) lib/string.ex:1600: "
        "String.duplicate/2\n    (farm 0.1.0) lib/farm/goose.ex:3: Farm.Goose.honk/1",
        "lib/farm/goose.ex",
        3,
    )
    check(
        engine,
        "==7==ERROR: AddressSanitizer: heap-buffer-overflow\nREAD of size 4 at 0x602 thread T0\n"
        "    #0 0x4f2 in hold(int*) /build/native/dam.cpp:3:12\n    #1 0x7f0 in __libc_start_main (/lib/libc.so+0x20)",
        "native/dam.cpp",
        3,
    )


def test_a_path_with_a_line_leads_there_however_it_is_written(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    for query in (
        "sacks.py:13",
        "app/grain/sacks.py:13:9",
        "grain\\sacks.py(13,9): warning",
        "why does grain/sacks.py:13 fail",
        "https://code.test/acme/mill/blob/main/app/grain/sacks.py#L13",
        'File "sacks.py", line 13',
    ):
        check(engine, query, "app/grain/sacks.py", 13)
    hit = search(engine, "sacks.py:13")[0]
    assert hit.score > 0.9
    assert hit.why is not None
    assert hit.why["named_location"] > 9


def test_a_path_alone_leads_to_its_file_and_a_trace_obeys_a_scope(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    assert search(engine, "web/src/basket.js")[0].path == "web/src/basket.js"
    assert search(engine, "Cow.cs")[0].path == "Farm/Cow.cs"
    assert not [hit for hit in search(engine, "sacks.py:13 lang:js") if hit.path.endswith(".py")]


def test_code_that_moved_since_the_trace_is_found_by_its_function(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    check(engine, '  File "/srv/app/grain/sacks.py", line 900, in pour\nMemoryError', "app/grain/sacks.py", 12)
    check(engine, "    at Basket.close (https://shop.test/bundle.min.js:1:9001)", "web/src/basket.js", 2)
    check(engine, "    #0 0x4f2 in hold (/opt/mill/bin/dam+0x12)", "native/dam.cpp", 1)


def test_frames_of_libraries_are_not_taken_for_files_of_the_same_name(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    trace = '  File "/usr/lib/python3/dist-packages/pandas/sacks.py", line 2, in concat\nMemoryError'
    assert all("named_location" not in (hit.why or {}) for hit in search(engine, trace))


def test_frames_come_in_the_order_of_their_depth(open_workspace: Callable[..., Engine]):
    trace = (
        "Error: no grain\n    at openBasket (/app/web/src/basket.js:9:3)\n    at show (/app/app/views.py:5:1)\n"
        "    at Basket.close (/app/web/src/basket.js:4:3)\n"
    )
    hits = search(open_workspace(MILL), trace)
    assert [hit.path for hit in hits[:2]] == ["web/src/basket.js", "app/views.py"]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_what_a_message_quotes_is_never_shut_out(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    for query in (
        "AttributeError: 'NoneType' object has no attribute 'weight'",
        "fatal: cannot resolve symbol `openBasket` whatever zebra giraffe",
        "TypeError: Cannot read properties of undefined (reading 'total')",
    ):
        assert search(engine, query), query


def test_a_name_is_found_in_any_style(open_workspace: Callable[..., Engine]):
    engine = open_workspace(MILL)
    for query in (
        "openbasket",
        "open_basket",
        "OpenBasket",
        "open-basket",
        "OPEN_BASKET",
        "where is open_basket called",
    ):
        hit = search(engine, query)[0]
        assert hit.symbol is not None
        assert hit.symbol.name == "openBasket", query
    for query in ("mergepart3", "mergePart3", "merge-part3"):
        check(engine, query, "lib/part3.py", 5)


def test_a_whole_name_is_the_focus_before_a_longer_one_that_holds_it(open_workspace: Callable[..., Engine]):
    engine = open_workspace(
        "//- a.py\nclass Box:\n    def reload_all(self):\n        self.reload_all_later = reload_all\n"
        "        return reload\n"
    )
    assert search(engine, "reload")[0].focus_text == "        return reload"


DECLARED = """//- include/pond.h
/* How deep the pond is, in metres, measured by the frogs. */
int pond_depth(const struct pond *pond);
struct pond *pond_dig(int metres);
//- src/pond.c
#include "pond.h"

int pond_depth(const struct pond *pond)
{
    return pond->metres;
}
//- reeds.pyi
class Reed:
    def bend(self, wind: int) -> bool: ...
def cut_reeds(count: int) -> int: ...
//- reeds.py
class Reed:
    def bend(self, wind):
        return wind > 3


def cut_reeds(count):
    return count * 2
//- frog.d.ts
export declare function croak(times: number): string;
//- frog.js
export function croak(times) {
  return "quak ".repeat(times);
}
//- Bird.java
interface Bird {
    void hatchEgg(int days);
}
//- Duck.java
class Duck implements Bird {
    public void hatchEgg(int days) {
        this.days = days;
    }
}
//- bird.go
package bird

type Swimmer interface {
	DiveDeep(metres int) error
}
//- duck.go
package bird

func (d *Duck) DiveDeep(metres int) error {
	d.metres = metres
	return nil
}
//- fish.rs
trait Fish { fn spawn_eggs(&self, count: u32) -> u32; }
//- trout.rs
impl Fish for Trout {
    fn spawn_eggs(&self, count: u32) -> u32 {
        count * 2
    }
}
//- README.md
# croak

How to croak.

# cut_reeds

Cut the reeds.
"""


def test_a_declaration_stands_behind_the_definition(open_workspace: Callable[..., Engine]):
    engine = open_workspace(DECLARED)
    for query, path in {
        "pond_depth": "src/pond.c",
        "where is the depth of the pond computed": "src/pond.c",
        "cut_reeds": "reeds.py",
        "Reed": "reeds.py",
        "where are reeds cut": "reeds.py",
        "croak": "frog.js",
        "hatchEgg": "Duck.java",
        "DiveDeep": "duck.go",
        "spawn_eggs": "trout.rs",
    }.items():
        assert search(engine, query)[0].path == path, query
    assert search(engine, "pond_dig")[0].path == "include/pond.h", "nothing else has it"
