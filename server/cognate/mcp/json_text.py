"""Edits one member of an object in JSON, comments and trailing commas allowed, and keeps every other byte. Pure.

People and programs keep these files: what is not the one member is neither moved nor spelled otherwise.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from cognate.errors import InvalidRequestError

_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_PLAIN = re.compile(r"-?\d[\d.eE+-]*|true|false|null")
DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object and where it stands: its name, its value, and a comma behind it, -1 if there is none."""

    name: str
    start: int
    value_start: int
    value_end: int
    value: "Value"
    comma: int


@dataclass(frozen=True, slots=True)
class Value:
    """A value as Python has it; of an object its members, and where its text begins and ends between the braces."""

    plain: Any
    members: tuple[Member, ...] | None = None
    open_end: int = -1
    close: int = -1

    def member(self, name: str) -> Member | None:
        """Return the last member of a name, which is the one that counts."""
        return next((m for m in reversed(self.members or ()) if m.name == name), None)


def read(text: str) -> Value:
    """Return what a text says, an empty one an empty object.

    Raises:
        InvalidRequestError: when it is no object of JSON.
    """
    at = _skip(text, 0)
    if at == len(text):
        return Value({}, ())
    value, at = _value(text, at, 0)
    if _skip(text, at) != len(text):
        raise _unreadable(text, _skip(text, at), "something stands behind the end")
    if value.members is None:
        raise InvalidRequestError("it is not an object of JSON")
    return value


def _value(text: str, at: int, depth: int) -> tuple[Value, int]:
    if depth > DEEPEST:
        raise _unreadable(text, at, "it is nested too deeply")
    if text[at : at + 1] == "{":
        return _object(text, at, depth)
    if text[at : at + 1] == "[":
        return _array(text, at, depth)
    found = _STRING.match(text, at) or _PLAIN.match(text, at)
    if found is None:
        raise _unreadable(text, at, "a value is missing")
    try:
        return Value(json.loads(found[0])), found.end()
    except ValueError:
        raise _unreadable(text, at, "a value cannot be read") from None


def _object(text: str, at: int, depth: int) -> tuple[Value, int]:
    open_end = at + 1
    members: list[Member] = []
    at = _skip(text, open_end)
    while text[at : at + 1] != "}":
        if members and members[-1].comma < 0:
            raise _unreadable(text, at, "a comma is missing")
        found = _STRING.match(text, at)
        colon = _skip(text, found.end()) if found is not None else at
        if found is None or text[colon : colon + 1] != ":":
            raise _unreadable(text, at, "a name is missing")
        start, value_start = at, _skip(text, colon + 1)
        value, value_end = _value(text, value_start, depth + 1)
        at = _skip(text, value_end)
        comma = at if text[at : at + 1] == "," else -1
        members.append(Member(_name(text, found), start, value_start, value_end, value, comma))
        at = _skip(text, at + 1) if comma >= 0 else at
    return Value({m.name: m.value.plain for m in members}, tuple(members), open_end, at), at + 1


def _name(text: str, found: "re.Match[str]") -> str:
    try:
        return cast("str", json.loads(found[0]))
    except ValueError:
        raise _unreadable(text, found.start(), "a name cannot be read") from None


def _array(text: str, at: int, depth: int) -> tuple[Value, int]:
    items: list[Any] = []
    at = _skip(text, at + 1)
    needs_comma = False
    while text[at : at + 1] != "]":
        if needs_comma:
            raise _unreadable(text, at, "a comma is missing")
        value, at = _value(text, at, depth + 1)
        items.append(value.plain)
        at = _skip(text, at)
        needs_comma = text[at : at + 1] != ","
        at = at if needs_comma else _skip(text, at + 1)
    return Value(items), at + 1


def _skip(text: str, at: int) -> int:
    """Return where the next token begins, behind blanks and comments."""
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at


def _unreadable(text: str, at: int, what: str) -> InvalidRequestError:
    return InvalidRequestError(f"line {text.count(chr(10), 0, at) + 1}: {what}")


def with_member(text: str, keys: Sequence[str], entry: object) -> str:
    """Return the text with a member set; the objects around it are made where there are none.

    Args:
        text: JSON, or nothing.
        keys: names from the outermost object to the member.
        entry: its value.

    Raises:
        InvalidRequestError: when the text is no object of JSON, or something else stands where an object must.
    """
    root = read(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    if not root.members and root.close < 0:
        return text + _written(_nested(keys, entry), "  ", newline, "") + newline
    around, depth = root, 0
    while depth < len(keys) - 1 and (member := around.member(keys[depth])) is not None:
        if member.value.members is None:
            raise InvalidRequestError(f"{'.'.join(keys[: depth + 1])} is not an object in it")
        around, depth = member.value, depth + 1
    own = around.member(keys[depth])
    indent, unit = _indents(text, around, root)
    value = _nested(keys[depth + 1 :], entry)
    if own is not None:
        written = _written(value, unit, newline, _indent_at(text, own.start) or indent)
        return text[: own.value_start] + written + text[own.value_end :]
    return _added(text, around, f"{json.dumps(keys[depth])}: {_written(value, unit, newline, indent)}", indent, newline)


def _added(text: str, around: Value, written: str, indent: str, newline: str) -> str:
    members = around.members or ()
    close_indent = _indent_at(text, around.close)
    if not members:
        if text[around.open_end : around.close].strip():  # A comment.
            end = _end_of_last(text, around.open_end, around.close)
            return text[:end] + newline + indent + written + newline + (close_indent or "") + text[around.close :]
        outer = close_indent if close_indent is not None else _line_indent(text, around.close)
        return text[: around.open_end] + newline + indent + written + newline + outer + text[around.close :]
    last = members[-1]
    end = _end_of_last(text, last.comma + 1 if last.comma >= 0 else last.value_end, around.close)
    comma = "" if last.comma >= 0 else ","
    behind = "," if last.comma >= 0 else ""
    is_one_line = close_indent is None and newline not in text[around.open_end : around.close]
    before = " " if is_one_line else newline + indent
    return text[: last.value_end] + comma + text[last.value_end : end] + before + written + behind + text[end:]


def _end_of_last(text: str, at: int, close: int) -> int:
    """Return where the last comment before a brace ends, or ``at`` if there is none."""
    end = at
    for found in re.finditer(r"//[^\n]*|/\*.*?\*/", text[at:close], re.DOTALL):
        end = at + found.start() + len(found[0].rstrip("\r"))
    return end


def without_member(text: str, keys: Sequence[str]) -> str:
    """Return the text without a member; the same text when there is none.

    Raises:
        InvalidRequestError: when it is no object of JSON.
    """
    around = read(text)
    for key in keys[:-1]:
        member = around.member(key)
        if member is None or member.value.members is None:
            return text
        around = member.value
    own = around.member(keys[-1])
    members = around.members or ()
    if own is None:
        return text
    row = members.index(own)
    before = text[: own.start].rstrip(" \t\r\n")
    blanks = text[members[row - 1].value_end if row else around.open_end : own.start]
    after = text[_after(own) :]
    if len(members) == 1 and not blanks.strip() and not text[_after(own) : around.close].strip():
        after = text[around.close :]
    elif len(members) > 1 and own.comma < 0:
        comma = members[row - 1].comma
        before = before[:comma] + before[comma + 1 :]
    ends_in_comment = blanks.rfind("//") > blanks.rfind("*/") and not after.lstrip(" \t").startswith(("\n", "\r"))
    return before + ("\n" if ends_in_comment else "") + after


def _after(own: Member) -> int:
    return own.comma + 1 if own.comma >= 0 else own.value_end


def _nested(keys: Sequence[str], entry: object) -> object:
    for key in reversed(keys):
        entry = {key: entry}
    return entry


def _written(value: object, unit: str, newline: str, indent: str) -> str:
    lines = json.dumps(value, ensure_ascii=False, indent=unit).split("\n")
    return (newline + indent).join(lines)


def _indents(text: str, around: Value, root: Value) -> tuple[str, str]:
    """Return the indentation of an object's members, and that of one level."""
    unit = next((i for m in root.members or () if (i := _indent_at(text, m.start))), "  ")
    own = next((i for m in around.members or () if (i := _indent_at(text, m.start)) is not None), None)
    return (own if own is not None else _line_indent(text, around.close) + unit), unit


def _indent_at(text: str, at: int) -> str | None:
    """Return the blanks before a position, None when something else stands before it on its line."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line if not line.strip(" \t") and "\n" in text[:at] else None


def _line_indent(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]
