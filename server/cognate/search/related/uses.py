"""Where a piece of code uses names, read from its text: how each is qualified, and whether it is called. Pure.

Comments, literal text and imports use nothing. It is a reading of text, not of a syntax tree, as a question has no time
to parse the chunks that it looks at; what it takes for a use is judged again by where the name is defined.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cognate.languages.registry import entry_of

UNKNOWN = "?"
"""The qualifier of a name that is taken from a value without a name, such as what a call returns."""

SELVES = frozenset({"@", "Self", "cls", "parent", "self", "static", "super", "this"})
"""What code calls the thing that it is part of."""

_FAMILIES_WITHOUT_PARENTHESES = frozenset(
    {
        "bash", "clojure", "commonlisp", "elisp", "elixir", "elm", "fennel", "fish", "fsharp", "haskell", "nim",
        "ocaml", "perl", "powershell", "purescript", "racket", "ruby", "scheme", "tcl", "vim",
    }
)  # fmt: skip
"""Where a call need not be written with parentheses, so that every use may be one."""

_FAMILIES_WITHOUT_QUOTES = frozenset(
    {"ada", "clojure", "commonlisp", "elisp", "elm", "haskell", "ocaml", "racket", "rust", "scheme", "verilog", "vhdl"}
)
"""Where a single quote opens no text."""

_NAME = r"[^\W\d][\w$]*"
_QUALIFIER = re.compile(rf"(?P<word>{_NAME}|[)\]}}])?(?:<[^<>]*>)?\s*(?:[?!]?\.|->|::)\s*$|(?P<at>@)$")
_JOINTS = frozenset(".>:@")  # The last letter of what joins a name to its qualifier.
_CLOSING = frozenset(")]}")
_LAST_NAME = re.compile(rf"{_NAME}$")
_CALL = re.compile(r"(?:::)?(?:<[^<>()]*>)?\s?!?\(")
_BINDING = re.compile(r"\s*(?:=(?![=>~])|:(?![:=]))")
_HOLES = re.compile(r"[#$]?\{([^{}]*)\}")
_LONGEST_QUALIFIER = 80
_COMMENTS = {
    "/*": r"/\*[\s\S]*?(?:\*/|\Z)",
    "<!--": r"<!--[\s\S]*?-->",
    "{-": r"\{-[\s\S]*?-\}",
    "*": r"(?m:^)\s*\*[ /][^\n]*",
}
_TRIPLE = r"[A-Za-z]{0,2}(?:\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z))"
_DOUBLE = r"[bfruBFRU]{0,2}\"(?:\\.|[^\"\\\n])*\""
_SINGLE = r"(?:\b[bfruBFRU]{1,2})?'(?:\\.|[^'\\\n])*'"
_FROM_IMPORT = re.compile(r"^\s*from\s+(?P<py>[\w.]+)\s+import\s+(?P<names>\([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT_FROM = re.compile(r"^\s*import\s+(?P<names>[^'\";]*?)\s+from\s*['\"](?P<js>[^'\"]+)['\"]", re.MULTILINE)
_RAW = r"`[^`]*`"
_OPEN_ENDS = ("(", "{", ",", "\\")


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name stands in code.

    Attributes:
        name: as written.
        row: line of the text, counted from 0.
        qualifier: the name before the dot, with ``()`` if that is called; UNKNOWN for another value, empty where there
            is none.
        is_call: whether it is called there.
        is_bound: whether it only names what a value is bound to, such as an argument or the key of an entry.
    """

    name: str
    row: int
    qualifier: str
    is_call: bool
    is_bound: bool


def uses_of(name: str, text: str, language: str) -> list[Use]:
    """Return the uses of one name in a text of a language, in order."""
    if name not in text:
        return []
    return list(_uses(_whole(name), code_of(text, language), language))


def is_local(name: str, text: str) -> bool:
    """Return whether a function, given as its text, has a parameter or a variable of its own of a name."""
    return name in text and bool(_local(name).search(text))


@lru_cache(maxsize=256)
def _local(name: str) -> re.Pattern[str]:
    whole = rf"(?<![\w$]){re.escape(name)}(?![\w$])"
    header = rf"\A[^({{]*\([^{{]*?(?:[(,]|\n)\s*[*&]*{whole}(?!\s*\()[^{{]*?\)[^()\n]*(?:[:{{]|=>)\s*$"
    several = rf"(?:\w+\s*,\s*)*{whole}\s*(?:,\s*\w+\s*)*"
    bound = rf"^\s*(?:(?:let|var|const|val|auto|my)\s+)?{several}:?=(?!=)|\bas\s+{whole}\s*:"
    loop = rf"^\s*(?:async\s+)?for\s+\(?(?:\w+\s+)?{several}\s(?:in|of)\b"
    return re.compile(f"{header}|{bound}|{loop}", re.MULTILINE)


def modules_naming(name: str, text: str) -> list[str]:
    """Return the modules that a text says it imports a name from, as written, where its language says so."""
    if "import" not in text or name not in text:
        return []
    found = [(m["py"], m["names"]) for m in _FROM_IMPORT.finditer(text)]
    found += [(m["js"], m["names"]) for m in _IMPORT_FROM.finditer(text)]
    return [module for module, names in found if _whole(name).search(names)]


def uses_in(text: str, language: str) -> list[Use]:
    """Return the uses of every name in a text of a language, in order; keywords are among them."""
    return list(_uses(_ANY, code_of(text, language), language))


_ANY = re.compile(rf"(?<![\w$]){_NAME}")


@lru_cache(maxsize=256)
def _whole(name: str) -> re.Pattern[str]:
    end = "" if name[-1:] in "?!" else r"(?![\w$])"
    return re.compile(rf"(?<![\w$]){re.escape(name)}{end}")


def _uses(pattern: re.Pattern[str], code: str, language: str) -> Iterator[Use]:
    needs_parentheses = family_of(language) not in _FAMILIES_WITHOUT_PARENTHESES
    row = counted = 0
    for match in pattern.finditer(code):
        row += code.count("\n", counted, match.start())
        counted = match.start()
        start = max(0, counted - _LONGEST_QUALIFIER)
        is_behind = code[start:counted].rstrip()[-1:] in _JOINTS
        before = _QUALIFIER.search(code, start, counted) if is_behind else None
        is_decorator = before is not None and bool(before["at"]) and needs_parentheses
        qualifier = "" if before is None or is_decorator else before["at"] or before["word"] or UNKNOWN
        if before is not None and qualifier in _CLOSING:
            qualifier = _what_is_closed(code, before.start("word")) + ("()" if qualifier == ")" else "")
        is_call = not needs_parentheses or is_decorator or bool(_CALL.match(code, match.end()))
        is_bound = not is_call and bool(_BINDING.match(code, match.end()))
        yield Use(match[0], row, qualifier, is_call, is_bound)


def _what_is_closed(code: str, end: int) -> str:
    """Return the name before the bracket that a closing one belongs to, UNKNOWN where there is none near."""
    depth = 0
    for position in range(end, max(-1, end - _LONGEST_QUALIFIER), -1):
        depth += (code[position] in _CLOSING) - (code[position] in "([{")
        if not depth:
            name = _LAST_NAME.search(code, max(0, position - _LONGEST_QUALIFIER), position)
            return name[0] if name else UNKNOWN
    return UNKNOWN


@lru_cache(maxsize=512)
def code_of(text: str, language: str) -> str:
    """Return a text of as many lines in which comments, literal text and imports are blank."""
    return _without_imports(_opaque(language).sub(_blanked, text), language)


def _blanked(match: re.Match[str]) -> str:
    """Return blanks for literal text, and the code that is put into it as it stands."""
    found = match[0]
    holes = ""
    if "{" in found and (found[:2].lower().strip("\"'") in {"f", "rf", "fr"} or "#{" in found or "${" in found):
        holes = " ".join(hole for hole in _HOLES.findall(found) if "\n" not in hole)
    return f" {holes} " + "\n" * found.count("\n")


@lru_cache(maxsize=128)
def _opaque(language: str) -> re.Pattern[str]:
    comments = [
        _COMMENTS.get(start, rf"{re.escape(start)}[^\n]*")
        for start in entry_of(language).comments
        if start not in ('"""', "'''")
    ]
    quoted = [_TRIPLE, _DOUBLE] if family_of(language) in _FAMILIES_WITHOUT_QUOTES else [_TRIPLE, _DOUBLE, _SINGLE]
    raw = [_RAW] if family_of(language) == "go" else []  # In JavaScript, what stands in backticks may be code.
    return re.compile("|".join([*quoted, *raw, *comments]))


def _without_imports(code: str, language: str) -> str:
    starts = entry_of(language).import_starts
    if family_of(language) == "javascript":
        starts = (*starts, "import ", "import{", "export *", "export {")
    if not starts:
        return code
    lines = code.split("\n")
    is_inside = False
    for row, line in enumerate(lines):
        stripped = line.strip()
        if is_inside:
            is_inside = not stripped.startswith((")", "}")) and not stripped.endswith((")", ";"))
            lines[row] = ""
        elif stripped.startswith(starts) or (" require(" in line and "=" in line):
            is_inside = stripped.endswith(_OPEN_ENDS)
            lines[row] = ""
    return "\n".join(lines)


@lru_cache(maxsize=512)
def family_of(language: str) -> str:
    """Return the languages that can use each other's definitions, by the name of one of them."""
    return entry_of(language).family or language
