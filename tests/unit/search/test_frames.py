import time

import pytest

from cognate.search.frames import MAX_FRAMES, Frame, read_frames


def check(text: str, *expected: tuple[str, int | None, str]) -> None:
    """Compare path, line counted from 1, and the function's own name."""
    found = [
        (frame.path, None if frame.line is None else frame.line + 1, frame.names[-1] if frame.names else "")
        for frame in read_frames(text).frames
    ]
    assert found == list(expected)


def test_python_traces_are_read_from_their_end():
    check(
        "Traceback (most recent call last):\n"
        '  File "/srv/app/main.py", line 9, in <module>\n    run()\n'
        '  File "/srv/app/jobs/queue.py", line 41, in Queue.drain\n    job()\n'
        "KeyError: 'owner'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/app/jobs/report.py", line 7, in report\n',
        ("srv/app/jobs/report.py", 7, "report"),
        ("srv/app/jobs/queue.py", 41, "drain"),
        ("srv/app/main.py", 9, ""),
    )


def test_javascript_traces_of_all_engines():
    check(
        "TypeError: order is undefined\n"
        "    at Object.<anonymous> (/app/src/orders.js:10:5)\n"
        "    at async Basket.close [as finish] (file:///app/src/basket.js:22:9)\n"
        "    at new Basket (webpack:///./src/basket.js?8d2f:3:1)\n"
        "    at C:\\app\\src\\index.js:4:2\n",
        ("app/src/orders.js", 10, ""),
        ("app/src/basket.js", 22, "close"),
        ("src/basket.js", 3, "Basket"),
        ("app/src/index.js", 4, ""),
    )
    check("pay@http://shop.test/static/pay.js:10:5", ("shop.test/static/pay.js", 10, "pay"))


def test_java_traces_begin_with_the_cause():
    check(
        "java.lang.IllegalStateException: closed\n"
        "\tat com.acme.mill.Wheel.lambda$turn$0(Wheel.java:42)\n"
        "\tat app//com.acme.mill.Wheel.<init>(Wheel.java:12)\n"
        "Caused by: java.io.IOException: dry\n"
        "\tat com.acme.mill.Brook$Bed.read(Brook.java:7)\n"
        "\tat com.acme.mill.Brook.open(Unknown Source)\n\t... 2 more\n",
        ("Brook.java", 7, "read"),
        ("", None, "open"),
        ("Wheel.java", 42, "turn"),
        ("Wheel.java", 12, "Wheel"),
    )


def test_go_and_rust_write_a_frame_in_two_lines():
    check(
        "panic: index out of range\n\ngoroutine 7 [running]:\n"
        "main.(*Mill).grind(0xc000010000, {0x1, 0x2})\n\t/home/me/mill/mill.go:42 +0x1d\n"
        "example.com/mill/stone.Turn.func1(...)\n\t/home/me/mill/stone/stone.go:7\n"
        "created by main.main in goroutine 1\n\t/home/me/mill/main.go:10 +0x20\n",
        ("home/me/mill/mill.go", 42, "grind"),
        ("home/me/mill/stone/stone.go", 7, "Turn"),
        ("home/me/mill/main.go", 10, "main"),
    )
    check(
        "stack backtrace:\n"
        "   2: mill::stone::Stone<T>::turn::{{closure}}\n             at ./src/stone.rs:88:14\n"
        "   3: 0x55d - <mill::brook::Brook as core::ops::Drop>::drop::h0123456789abcdef\n"
        "             at src/brook.rs:5\n",
        ("src/stone.rs", 88, "turn"),
        ("src/brook.rs", 5, "drop"),
    )
    check("thread 'main' panicked at src/stone.rs:88:14:\nno grain", ("src/stone.rs", 88, ""))


def test_ruby_keeps_its_message():
    trace = (
        "app/models/mill.rb:12:in `block in grind': undefined method `weight' for nil (NoMethodError)\n"
        "\tfrom app/models/mill.rb:11:in 'Mill#grind'\n\tfrom bin/mill:3:in `<main>'\n"
    )
    check(
        trace,
        ("app/models/mill.rb", 12, "grind"),
        ("app/models/mill.rb", 11, "grind"),
        ("bin/mill", 3, ""),
    )
    assert read_frames(trace).text == "undefined method `weight' for nil (NoMethodError)"


def test_php_names_what_was_called_not_where():
    check(
        "PHP Fatal error:  Uncaught TypeError: no grain in /app/src/Mill.php:12\nStack trace:\n"
        "#0 /app/src/Farm.php(33): Acme\\Mill->grind(Array)\n"
        "#1 /app/public/index.php(7): Acme\\Farm::run()\n#2 {main}\n",
        ("app/src/Mill.php", 12, "grind"),
        ("app/src/Farm.php", 33, "run"),
        ("app/public/index.php", 7, ""),
    )


def test_csharp_elixir_and_native_frames():
    check(
        "System.NullReferenceException: no grain\n"
        "   at Mill.Stone.<Turn>d__3.MoveNext() in C:\\My Work\\Mill\\Stone.cs:line 42\n"
        "   at Mill.Program.Main(String[] args)\n",
        ("Work/Mill/Stone.cs", 42, "Turn"),
        ("", None, "Main"),
    )
    check(
        "** (ArithmeticError) bad argument\n"
        "    (mill 0.1.0) lib/mill/stone.ex:12: Mill.Stone.turn/1\n"
        "    lib/mill/stone.ex:8: anonymous fn/1 in Mill.Stone.run/2\n",
        ("lib/mill/stone.ex", 12, "turn"),
        ("lib/mill/stone.ex", 8, "run"),
    )
    check(
        "    #0 0x4f2 in mill::Stone::turn(int const*) /build/src/stone.cpp:42:13\n"
        "    #1 0x4f3 in (anonymous namespace)::helper(int) ../src/util.cc:7\n"
        "    #2 0x7f0 in mill_start (/usr/lib/libmill.so+0x20)\n",
        ("build/src/stone.cpp", 42, "turn"),
        ("src/util.cc", 7, "helper"),
        ("", None, "mill_start"),
    )
    check("#1  turn (stone=0x0) at src/stone.c:42", ("src/stone.c", 42, "turn"))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("mill.py:42", "mill.py", 42),
        ("why does src/mill.py:42 fail?", "src/mill.py", 42),
        ("src/mill.ts(12,5): error TS2345: no", "src/mill.ts", 12),
        ("https://code.test/o/r/blob/main/src/mill.py#L42-L50", "code.test/o/r/blob/main/src/mill.py", 42),
        ("PHP Notice: x in /app/mill.php on line 9", "app/mill.php", 9),
        ("src\\mill.cs:12", "src/mill.cs", 12),
        ("src/mill.c:12:8: error: expected ';'", "src/mill.c", 12),
        ("file:src/mill.py:42", "src/mill.py", 42),
    ],
)
def test_a_path_with_a_line_is_a_frame(text: str, path: str, line: int):
    frame = read_frames(text).frames[0]
    assert (frame.path, frame.line) == (path, line - 1)
    assert f":{line}" not in read_frames(text).text


@pytest.mark.parametrize(
    "text",
    ["std::vec::Vec", "f(3)", "np.array(3)", "localhost:3000", "version 1.2", "a ? b : 3", "", "at noon", "#1 of all"],
)
def test_code_and_words_are_no_frames(text: str):
    reading = read_frames(text)
    assert (reading.frames, reading.text, reading.is_trace) == ((), text, False)


def test_paths_without_a_line_are_told():
    assert read_frames("how does src/mill.py grind in mill.toml").paths == ("src/mill.py", "mill.toml")
    assert read_frames("see https://code.test/mill.html").paths == ()


def test_what_is_left_of_a_trace_is_its_message_else_its_names():
    assert read_frames('  File "a.py", line 3, in grind\nOSError: no grain').text == "OSError: no grain"
    assert read_frames("at grind (src/mill.js:3:1)").text == "grind mill"


def test_any_text_is_read_in_time_that_grows_with_its_length():
    began = time.process_time()
    for piece in ("a" * 50_000, "a/" * 25_000, "a.b" * 16_000 + ":", "((((" * 12_000, ", in " * 10_000, "1:" * 25_000):
        read_frames(piece)
        read_frames("\n".join(piece[i : i + 900] for i in range(0, len(piece), 900)))
    assert time.process_time() - began < 5.0


def test_of_a_recursion_without_end_both_ends_are_kept():
    frames = read_frames("\n".join(f"    at f{n} (/app/a.js:{n}:1)" for n in range(1, 500))).frames
    assert len(frames) == MAX_FRAMES
    assert frames[0] == Frame("app/a.js", 0, ("f1",))
    assert frames[-1] == Frame("app/a.js", 498, ("f499",))
