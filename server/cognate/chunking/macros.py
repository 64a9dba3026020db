"""Macros of C and its family, hidden from parsers: a grammar knows no macro, and guesses wrong at what one stands for.

A macro that only annotates (``class KV_EXPORT Options``, ``int count GUARDED_BY(mutex)``, ``__attribute__((used))``) is
overwritten with spaces, or with a comment where it has lines to itself. One that defines, such as
``TEST(Ring, PushesInOrder) {`` or ``static DEFINE_MUTEX(lock);``, is overwritten with the shortest definition, and its
name is read from its arguments. The text keeps its length and its lines.

Pure; goes over a text once. The bodies of functions at the margin are left alone: they hold no definition to others,
and are most of a program. A macro is told by its spelling (capitals, or two underscores in front) and by standing where
the grammar has no place for one more name: ``A b`` can be a type and a name, of ``A B c`` one is a macro.
"""

import re
from typing import NamedTuple, TypeAlias

from cognate.chunking.c_text import (
    LOOK_BACK,
    PLAIN_NAME,
    closing_bracket,
    code_before,
    next_code,
    outside_bodies,
)
from cognate.chunking.text import blanked

Names: TypeAlias = dict[int, tuple[str, str]]
"""Where the name of a definition begins that a macro stands for → its container and name, as the arguments say."""

SHORTEST = 2  # Bytes; a single capital is a type parameter.

# Comments, strings and directives are matched to be passed over; the group is what is spelt like a macro. What stands
# around it is looked at here only as far as it rules most words out: before a word, before arguments, behind a name.
_TOKEN = re.compile(
    rb"""[#/"'A-Z_](?:
      (?<=\#)[^\n\\]*(?:\\.[^\n\\]*)*
    | (?<=/)(?:/[^\n]*|\*(?:.*?\*/|.*))
    | (?<=")(?:[^"\\\n]|\\.)*"?
    | (?<=')(?:[^'\\\n]|\\.){1,8}'
    | (?<=[A-Z_])(?<![\w.].)
      (?P<macro>(?:[A-Z0-9_]+|(?<=_)_[a-z]\w*|(?<=_)[A-Z]\w*_|(?<=D)EFINE_\w+)(?!\w)
        (?:(?=\s+[A-Za-z_~])
        | (?=\s*\()(?<![(,=!<>+\-|%^?.\[~&*/].)(?<![,=(!<>+\-|%?&]\s.)
        | (?=\s*[;={,):*])
        | (?=\s*\n\s*[}\#@\[/~+-]|\s*\Z)
        ))
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(rb"~?[A-Za-z_]\w*(?:\s*::\s*~?[A-Za-z_]\w*)*")
_BACKWARDS = re.compile(rb"\s*(\w*)\s*(\w+|.)?", re.DOTALL)
_TEMPLATE = re.compile(rb"\s*<[^;{}()]*?>+(?=\s*[\w*&:])")
_TYPE_LIKE = re.compile(rb"[\w\s:*&<>]+")
_FUNCTION_POINTER = re.compile(rb"\*\s*\w*\s*\)\s*\(")
_DECLARED = re.compile(rb"[*&\s]*\w+\s*[(;=,]")
_POINTER = re.compile(rb"\*[\s*]*\w")
_CALLED = re.compile(rb"(?![A-Z0-9_]+\s*\()[\w:~]+\s*\(")
_STRING = re.compile(rb'\s*(?:u8|[uUL])?"((?:[^"\\\n]|\\.)*)"')
# One for each keyword: a pattern that begins with letters is looked for ten times as fast as one with a choice.
_CLASS_HEADS = tuple(
    re.compile(key + rb"\s+((?:\w+(?:\s*\([^(){};]*\))?\s+){1,4}\w+)\s*(?=\{|:(?!:)|<[^;{}()]*>\s*[{:])")
    for key in (b"class", b"struct", b"union")
)
_HEAD_WORD = re.compile(rb"(\w+)(?:\s*\([^()]*\))?")
_FINAL = re.compile(rb"final|sealed|abstract|\w*(?:FINAL|SEALED)\w*")
_SLOTS = tuple(re.compile(word + rb"\s*:") for word in (b"slots", b"Q_SLOTS", b"signals", b"Q_SIGNALS"))
_ACCESS = re.compile(rb"(?:^|[;{}:\n])\s*(?:(?:public|private|protected)\s+)?\Z")

_ANNOTATIONS = frozenset(
    b"__attribute__ __attribute __declspec __extension__ _Pragma __pragma __restrict __restrict__ __cdecl __stdcall"
    b" __fastcall __vectorcall __thiscall __forceinline __always_inline".split()
)
_TYPES = frozenset(b"auto bool char char16_t char32_t char8_t double float int long short signed unsigned void".split())
_KEYS = frozenset(b"class enum struct union".split())
_STARTERS = frozenset(
    b"consteval constexpr constinit explicit extern friend inline mutable namespace register static template"
    b" thread_local typedef typename using virtual __thread".split()
)
_QUALIFIERS = frozenset(b"const volatile".split())
_BEHIND_FUNCTIONS = _QUALIFIERS | {b"noexcept", b"override", b"final"}
_STATEMENTS = frozenset(
    b"break case catch co_await co_return co_yield continue default delete do else for goto if new noexcept"
    b" override final private protected public return sizeof switch throw try while".split()
)
_NO_NAMES = _TYPES | _KEYS | _STARTERS | _QUALIFIERS | _STATEMENTS | {b"operator"}
_DEFINING = re.compile(rb"TEST|SCENARIO|BENCHMARK|DEFINE|IMPLEMENT|FIXTURE")
_CONTROL = re.compile(rb"FOR|WHILE|IF|SWITCH|TRY|CATCH|ELSE|LOOP|REPEAT|SECTION|LOCK")
_STATEMENT_ENDS = frozenset({b"", b";", b"{", b"}", b":", b")"})
_OPERATORS = frozenset({b"+", b"/", b"%", b"|", b"^", b"<", b">", b"!", b"?", b"."})
_LINE_STARTS = frozenset({b"", b"#", b"@", b"[", b"~", b"-", b"+"})
# A macro behind what is declared stands before one of these, and not behind one of those.
_ENDS = frozenset({b";", b"=", b",", b")", b"{", b":", b"*"})
_NOT_BEHIND = frozenset({b",", b"=", b"<", b"|", b"+", b"-", b"!", b"?", b"/", b"%", b"^", b"[", b".", b'"'})


def hide_macros(data: bytes) -> tuple[bytes, Names]:
    """Return a text of the same length without the macros that its parser would misread, and what they define.

    Args:
        data: text in C, C++ or a language like them, UTF-8.
    """
    text = _Text(data)
    for start, end in outside_bodies(data):
        for match in _TOKEN.finditer(data, start, end):
            if match.lastindex:
                text.read(*match.span())
    for pattern in _CLASS_HEADS:
        for head in pattern.finditer(data):
            text.clear_head(head.start(1), head.end(1))
    for pattern in _SLOTS:
        for match in pattern.finditer(data):
            access = _ACCESS.search(data[max(0, match.start() - LOOK_BACK) : match.start()])
            if access:
                is_slots = b"p" in access[0]
                text.blank(match.start(), match.end() - is_slots)
    return bytes(text.out), text.names


class _Macro(NamedTuple):
    """A macro in its place.

    Attributes:
        start: its first byte.
        end: one past its name.
        opening: where its arguments begin, if it has some.
        after: one past its arguments; its end when it has none.
        following: where the next byte stands that is neither blank nor comment.
        mark: that byte; empty at the end.
        before: the byte that stands before it, and before that blanks; empty at the start.
        word: the word that ends in it, if it ends one.
        second: what stands before that: a word or a byte.
    """

    start: int
    end: int
    opening: int
    after: int
    following: int
    mark: bytes
    before: bytes
    word: bytes
    second: bytes


class _Text:
    """A text with its macros hidden so far.

    Attributes:
        data: the text as it was.
        out: the text for the parser.
        passed: where a hidden macro ends → where it begins.
        names: what macros define.
    """

    __slots__ = ("data", "names", "out", "passed")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.out = bytearray(data)
        self.passed: dict[int, int] = {}
        self.names: Names = {}

    def blank(self, start: int, end: int) -> None:
        """Overwrite a macro: with a comment where it has lines to itself, so that it belongs to what is below it."""
        blank = blanked(self.data[start:end])
        self.passed[end] = start
        if end - start > len(b"/**/") and self._has_lines(start, end):
            blank = b"/*" + blank[2:-2] + b"*/"
        self.out[start:end] = blank

    def clear_head(self, start: int, end: int) -> None:
        """Leave only a class's name between its keyword and its bases or body."""
        words = list(_HEAD_WORD.finditer(self.data, start, end))
        names = [word for word in words if not _FINAL.fullmatch(word[1])]
        if not names or any(word[1] in _NO_NAMES for word in names):
            return
        named = [word for word in names if not word[1].isupper()] or names
        for word in words:
            if word is not named[-1] and word[0] != b"final":
                self.blank(*word.span())

    def read(self, start: int, end: int) -> None:
        """Hide what is spelt like a macro, if it stands where only a macro can."""
        data = self.data
        opening = next_code(data, end)
        after, following = end, opening
        if data[opening : opening + 1] == b"(":
            after = closing_bracket(data, opening)
            if not after:
                return
            following = next_code(data, after)
        if data[start:end] in _ANNOTATIONS:
            self.blank(start, after)
            return
        mark = data[following : following + 1]
        if mark in _OPERATORS:
            return
        tail = self._before(start)
        before = tail[-1:]
        if mark in _ENDS and before in _NOT_BEHIND:
            return
        backwards = _BACKWARDS.match(tail[::-1])
        word, second = backwards.groups() if backwards else (b"", b"")
        macro = _Macro(start, end, opening, after, following, mark, before, word[::-1], (second or b"")[::-1])
        if self._is_definition(macro):
            self._define(macro)
        elif self._stands_alone(macro) or self._precedes(macro) or self._follows(macro):
            self.blank(start, after)
        elif self._wraps_type(macro):
            self.blank(start, opening + 1)
            self.blank(after - 1, after)

    def _before(self, start: int) -> bytes:
        return code_before(self.data, start, self.passed)

    def _statement(self, start: int) -> bytes:
        """Return what stands before a macro since the last statement ended, at most LOOK_BACK bytes."""
        tail = self._before(start)
        return tail[max(tail.rfind(mark) for mark in (b";", b"{", b"}")) + 1 :].strip()

    def _has_lines(self, start: int, end: int) -> bool:
        line = self.data.rfind(b"\n", 0, start) + 1
        below = self.data.find(b"\n", end)
        return not self.data[line:start].strip() and not self.data[end : below if below >= 0 else None].strip()

    def _is_definition(self, macro: _Macro) -> bool:
        """Whether a macro with arguments stands for the head of a function, or for a whole variable."""
        if macro.after == macro.end or macro.mark not in {b";", b"{"}:
            return False
        if macro.before not in _STATEMENT_ENDS and macro.word not in {b"static", b"inline"}:
            return False
        name = self.data[macro.start : macro.end]
        if macro.mark == b";":
            return b"DEFINE" in name
        at_margin = macro.start == 0 or self.data[macro.start - 1 : macro.start] == b"\n"
        return bool(_DEFINING.search(name) or (at_margin and not _CONTROL.search(name)))

    def _define(self, macro: _Macro) -> None:
        """Overwrite a macro with ``V __()``, or ``V __`` where no body follows, and note the name in its arguments."""
        name = self.data[macro.start : macro.end]
        named = _named(name, self.data[macro.opening + 1 : macro.after - 1])
        if named is None or len(name) <= SHORTEST:
            return
        self.out[macro.start : macro.after] = blanked(self.data[macro.start : macro.after])
        self.out[macro.start : macro.end] = b"V " + b"_" * (len(name) - 2)
        if macro.mark == b"{":
            self.out[macro.opening : macro.opening + 1] = b"("
            self.out[macro.after - 1 : macro.after] = b")"
        self.names[macro.start + 2] = named

    def _stands_alone(self, macro: _Macro) -> bool:
        """Whether a macro has lines to itself, between statements."""
        data = self.data
        if b"\n" not in data[macro.after : macro.following] and macro.mark:
            return False
        if macro.before not in _STATEMENT_ENDS and macro.word != b"end":
            return False
        if data[data.rfind(b"\n", 0, macro.start) + 1 : macro.start].strip():
            return False
        if macro.mark == b"}":
            return macro.before != b"{" or not self._in_enum(macro.start)
        if macro.after == macro.end and _CALLED.match(data, macro.following):
            return False  # A type above the name of its function.
        return macro.mark in _LINE_STARTS or PLAIN_NAME.match(data, macro.following) is not None

    def _in_enum(self, start: int) -> bool:
        """Whether a brace that stands before a macro opens an enum, so that the macro is its only constant."""
        tail = self._before(start)[:-1]
        return b"enum" in tail[max(tail.rfind(mark) for mark in (b";", b"{", b"}")) + 1 :]

    def _precedes(self, macro: _Macro) -> bool:  # noqa: PLR0911 - one for each thing that may follow
        """Whether a macro stands before a type, or before a name that has its type already."""
        data = self.data
        found = _WORD.match(data, macro.following)
        if found is None:
            return macro.before == b"(" and _FUNCTION_POINTER.match(data, macro.following) is not None
        if macro.word in _KEYS:
            return False
        word, end = found[0], found.end()
        if word in _QUALIFIERS:
            found = _WORD.match(data, next_code(data, end))
            if found is None:
                return False
            word, end = found[0], found.end()
        if word in _TYPES or word in _KEYS or word in _STARTERS or word.startswith(b"~"):
            return True
        if word in _NO_NAMES:
            return False
        template = _TEMPLATE.match(data, end)
        place = next_code(data, template.end() if template else end)
        third = _WORD.match(data, place)
        if third is not None:
            return third[0] not in _STATEMENTS and not self._is_trailing(third[0], third.end())
        if template is not None or data[place : place + 1] in {b"*", b"&"}:
            return True
        if data[place : place + 1] == b"(" and word.isupper():
            closing = closing_bracket(data, place)
            if closing and _POINTER.match(data, next_code(data, closing)):
                return True  # Such a macro is a type: __owur STACK_OF(X509) *certificates(void);
        if data[place : place + 1] not in {b"(", b";", b"=", b"[", b"{", b",", b")"}:
            return False
        return self._ends_type(macro.word, macro.before)

    def _is_trailing(self, word: bytes, end: int) -> bool:
        """Whether a word stands behind what is declared, as ``GUARDED_BY`` in ``HANDLE handle GUARDED_BY(mutex);``."""
        following = next_code(self.data, end)
        return (word.isupper() or word in _ANNOTATIONS) and self.data[following : following + 1] in {b";", b"=", b"("}

    def _ends_type(self, word: bytes, byte: bytes) -> bool:
        """Whether a type may end in a word or byte."""
        if word:
            return (word in _TYPES or word not in _NO_NAMES or word == b"explicit") and not word.isdigit()
        return byte in {b"*", b"&"}

    def _follows(self, macro: _Macro) -> bool:  # noqa: PLR0911 - one for each thing that may be in front
        """Whether a macro stands behind what is declared, as in ``int count GUARDED_BY(mutex);``."""
        following = macro.mark
        if following not in _ENDS:
            return False
        if following == b"*":
            return macro.after == macro.end and bool(macro.word) and self._ends_type(macro.word, b"")
        if macro.before == b")" or (macro.word in _BEHIND_FUNCTIONS and macro.second == b")"):
            return following in {b";", b"{", b":", b"="} and not _is_expression(self._statement(macro.start))
        if macro.before == b"]":
            return following in {b";", b"=", b","}
        if not macro.word or macro.word in _NO_NAMES or macro.word.isdigit():
            return False
        if following == b"{":
            return macro.second == b"namespace"
        if following == b":" or b"template" in self._statement(macro.start):
            return False
        second = macro.second
        return second in {b"*", b"&", b">", b")"} or (
            PLAIN_NAME.fullmatch(second) is not None and (second in _TYPES or second not in _NO_NAMES)
        )

    def _wraps_type(self, macro: _Macro) -> bool:
        """Whether a macro's argument is the type of what is declared, as in ``PyAPI_FUNC(int) PyRun(void);``."""
        return (
            macro.after > macro.end
            and (macro.before in {b"", b";", b"}", b"{"} or macro.word in _STARTERS)
            and _TYPE_LIKE.fullmatch(self.data, macro.opening + 1, macro.after - 1) is not None
            and _DECLARED.match(self.data, macro.following) is not None
        )


def _is_expression(statement: bytes) -> bool:
    return b"=" in statement or statement.startswith((b"return", b"if", b"while", b"for", b"switch"))


def _named(macro: bytes, arguments: bytes) -> tuple[str, str] | None:
    """Return container and name of what a macro defines; None when its arguments name nothing.

    The first of them does, in words or as one name; tests have the name of their suite before their own.
    """
    title = _STRING.match(arguments)
    if title:
        return "", title[1].decode("utf-8", "replace")
    parts = [part.strip() for part in arguments.split(b",")]
    names = [part.decode() for part in parts if PLAIN_NAME.fullmatch(part) and part not in _NO_NAMES]
    if not names:
        return None
    suite_first = b"TEST" in macro and not macro.startswith(b"BOOST_")
    return (names[0], names[1]) if suite_first and len(names) > 1 else ("", names[0])
