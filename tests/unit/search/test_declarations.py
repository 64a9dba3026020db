import pytest

from cognate.search.declarations import only_declares
from cognate.types import Chunk, ChunkRecord, Symbol


def check(
    path: str, language: str, text: str, name: str = "grind", kind: str = "function", *, expected: bool = True
) -> None:
    lines = text.count("\n") + 1
    symbol = Symbol(name, kind, "", 0, lines)
    assert only_declares(ChunkRecord(1, path, language, Chunk(0, lines, text, (symbol,))), symbol) is expected, text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("c", "int grind(struct mill *m, int (*by)(int));"),
        ("c", "/* { */ int grind(int by) __attribute__((pure)); // {"),
        ("cpp", "virtual int grind(int by = 3) const noexcept = 0;"),
        ("cpp", "void grind(std::vector<int> by = {1, 2});"),
        ("java", "int grind(int by) throws IOException;"),
        ("csharp", "int grind(int by);"),
        ("rust", "fn grind<T: Into<u32>>(&self, by: T) -> Result<u32, String>;"),
        ("go", "grind(by int) error"),
        ("kotlin", "fun grind(by: Int): Int"),
        ("swift", "func grind(by: Int) -> Int"),
        ("typescript", "grind(by: number): string"),
        ("php", "public function grind(int $by): int;"),
        ("python", "def grind(by: int) -> int: ..."),
    ],
)
def test_a_function_without_a_body_is_declared(language: str, text: str):
    check("a.x", language, text, "grind")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("c", "int\ngrind(int by)\n{\n    return by;\n}"),
        ("cpp", "grind::grind(int by) : by_{by} {}"),
        ("csharp", "int grind(int by) => by * 2;"),
        ("kotlin", "fun grind(by: Int) = by * 2"),
        ("scala", "def grind(by: Int): Int = by"),
        ("javascript", "const grind = (by) => by * 2;"),
        ("rust", "fn grind(by: u32) -> u32 { by }"),
        ("python", "def grind(by):\n    return by"),
        ("ruby", "def grind(by)\n  by\nend"),
        ("bash", "grind() { echo; }"),
        ("haskell", "grind by = by"),
    ],
)
def test_a_function_with_a_body_is_defined(language: str, text: str):
    check("a.x", language, text, "grind", expected=False)


def test_types_are_declared_ahead_and_stub_files_define_nothing():
    check("a.h", "c", "typedef struct mill mill;", "mill", "type")
    check("a.h", "c", "typedef struct { int by; } mill;", "mill", "type", expected=False)
    check("a.c", "c", "struct mill { int by; };", "mill", "struct", expected=False)
    check("a.h", "c", "extern int by;", "by", "variable")
    check("a.c", "c", "int by = 3;", "by", "variable", expected=False)
    check("mill.pyi", "python", "class Mill:\n    by: int", "Mill", "class")
    check("mill.d.ts", "typescript", "export interface Mill { by: number }", "Mill", "interface")
    check("mill.md", "markdown", "# Mill", "Mill", "heading")


def test_a_definition_longer_than_its_chunk_has_a_body():
    symbol = Symbol("grind", "function", "", 0, 90)
    assert not only_declares(ChunkRecord(1, "a.c", "c", Chunk(0, 2, "int grind(\n    int by)", (symbol,))), symbol)
