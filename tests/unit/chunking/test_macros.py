"""Macros of C: none is a definition, and none hides one."""

import pytest

from cognate.chunking import chunk_file
from cognate.chunking.conditionals import hide_branches
from cognate.chunking.macros import hide_macros


def symbols(path: str, text: str) -> list[str]:
    return [symbol.qualified for chunk in chunk_file(path, text).chunks for symbol in chunk.symbols]


@pytest.mark.parametrize(
    "head",
    [
        "class KV_EXPORT Options {",
        "class ENGINE_API Options : public Base {",
        "class vtkCommonCore_EXPORT Options\n{",
        "class __declspec(dllexport) Options {",
        "class VISIBILITY(default) DEPRECATED Options final {",
        "template <class T> class KV_EXPORT Options {",
        "struct __attribute__((packed)) Options {",
        "class Options Q_DECL_FINAL : public Base {",
    ],
)
def test_a_macro_before_a_class_name_hides_no_class(head: str):
    assert symbols("a.hpp", f"{head}\n  int size;\n}};\n") == ["Options", "Options.size"]


@pytest.mark.parametrize(
    "declared",
    [
        "KV_EXPORT int run(void)",
        "int WINAPI run(void)",
        "static int __init run(void)",
        "KV_EXPORT const struct item *run(void)",
        "int *__attribute__((used)) run(void)",
        "NAPI_EXTERN napi_status NAPI_CDECL\nrun(void)",
        "API_FUNC(int) run(void)",
        "int run(void) NOEXCEPT_UNLESS(0)",
        "DWORD run(void)",
        "BOOL\nrun(void)",
    ],
)
@pytest.mark.parametrize("rest", [";", "\n{\n    return 0;\n}"])
@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
def test_a_function_is_called_by_its_name_whatever_macros_stand_around_it(path: str, declared: str, rest: str):
    assert symbols(path, f"int before;\n{declared}{rest}\nint after;\n") == ["before", "run", "after"]


def test_annotations_and_calls_in_a_class_are_no_members():
    text = """
    class Widget : public QWidget {
      Q_OBJECT
      Q_PROPERTY(int count READ count)
     public Q_SLOTS:
      void refresh();
     signals:
      void changed() MAY_THROW;
     private:
      Widget();
      DISALLOW_COPY(Widget);
      int count_ GUARDED_BY(mutex_) = 0;
      HANDLE handle_ GUARDED_BY(mutex_);
    };
    """
    assert symbols("a.hpp", text) == [
        "Widget",
        "Widget.refresh",
        "Widget.changed",
        "Widget.Widget",
        "Widget.count_",
        "Widget.handle_",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("TEST(Ring, Wraps) {\n  run();\n}\n", "Ring.Wraps"),
        ("TYPED_TEST_P(Ring, Grows)\n{\n  run();\n}\n", "Ring.Grows"),
        ("BOOST_AUTO_TEST_CASE(parses_numbers) {\n  run();\n}\n", "parses_numbers"),
        ("BOOST_FIXTURE_TEST_CASE(parses_dates, Fixture) {\n  run();\n}\n", "parses_dates"),
        ('TEST_CASE("a ring wraps", "[ring]") {\n  run();\n}\n', "a ring wraps"),
        ('SCENARIO("a ring, once full, wraps") {\n  run();\n}\n', "a ring, once full, wraps"),
        ("SYSCALL_DEFINE3(open, const char *, name, int, flags, int, mode)\n{\n  run();\n}\n", "open"),
        ("static DEFINE_MUTEX(ring_lock);\n", "ring_lock"),
        ('DEFINE_string(path, "x", "where");\n', "path"),
    ],
)
@pytest.mark.parametrize("path", ["a.c", "a.cpp"])
def test_a_macro_that_defines_is_called_by_its_arguments(path: str, text: str, name: str):
    assert symbols(path, f"{text}int after;\n") == [name, "after"]


def test_macros_stay_with_the_definition_below_them():
    (chunk,) = chunk_file("a.hpp", "int a;\nUCLASS(Blueprintable)\nclass A {\n};\n").chunks
    assert [(s.name, s.attached_lines) for s in chunk.symbols] == [("a", 0), ("A", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "enum { FIRST, SECOND };\nDWORD size = FIRST;\n",
        "int a = FOO(1) * BAR;\nvoid f(HANDLE h, DWORD n);\n",
        "#define KV_EXPORT __attribute__((visibility))\n",
        "// KV_EXPORT int x\n/* KV_EXPORT\n int y */\n",
        "typedef unsigned long DWORD;\ntypedef struct point POINT;\nstruct RECT bounds;\n",
    ],
)
def test_what_a_grammar_can_read_is_left_as_it_is(text: str):
    assert hide_macros(text.encode()) == (text.encode(), {})
    assert hide_branches(text.encode()) == text.encode()


def test_hiding_keeps_lines_and_offsets():
    text = b"class KV_EXPORT A {};\nUCLASS(\n  X)\nstruct B {};\nint f(\n#ifdef X\n int a\n#else\n int b\n#endif\n);\n"
    hidden = hide_branches(hide_macros(text)[0])
    assert hidden != text
    assert [len(line) for line in hidden.split(b"\n")] == [len(line) for line in text.split(b"\n")]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.c", '#ifdef __cplusplus\nextern "C" {\n#endif\nint f(void);\n#ifdef __cplusplus\n}\n#endif\n', ["f"]),
        ("a.c", "int f(int a\n#ifdef X\n, int b\n#endif\n) {\n  return 1;\n}\nint g(void) { return 2; }\n", ["f", "g"]),
        (
            "a.c",
            "#ifdef X\nint f(int a) {\n#else\nint f(long a) {\n#endif\n  return 1;\n}\nint g(void) { return 2; }\n",
            ["f", "g"],
        ),
        (
            "a.c",
            "int f(int a) {\n  if (a) g();\n#if 0\n  else {\n#else\n  else if (a) {\n#endif\n  h();\n  }\n}\nint b;\n",
            ["f", "b"],
        ),
        (
            "A.cs",
            "class A\n#if NET6\n    : B\n#else\n    : C\n#endif\n{\n    void Run() {}\n}\nclass D {}\n",
            ["A", "A.Run", "D"],
        ),
        ("A.cs", "class A\n{\n    void Run(int a\n#if X\n, int b\n#endif\n) {}\n}\nclass D {}\n", ["A", "A.Run", "D"]),
    ],
)
def test_a_conditional_inside_a_statement_hides_nothing(path: str, text: str, names: list[str]):
    assert symbols(path, text) == names
