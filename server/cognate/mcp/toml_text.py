"""Adds one table to a text of TOML and takes it out again, and keeps every other byte. Pure."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cognate.errors import CognateError, InvalidRequestError

_HEADER = re.compile(r"^[ \t]*\[")
_TOKEN = re.compile(r"""#[^\n]*|\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""", re.DOTALL)


def read(text: str) -> Mapping[str, Any]:
    """Return what a text says.

    Raises:
        InvalidRequestError: when it is no TOML.
    """
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - not in Python 3.10
    else:
        try:
            import tomli as tomllib  # noqa: PLC0415  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise CognateError("To read TOML, Python 3.10 needs tomli: pip install tomli.") from error
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequestError(str(error)) from error


def with_table(text: str, keys: Sequence[str], entry: Mapping[str, object]) -> str:
    """Return the text with a table at its end, or in place of the one that it has.

    Raises:
        InvalidRequestError: when it is no TOML, or what it has of the table is not written as a table.
    """
    read(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[{'.'.join(keys)}]", *(f"{name} = {json.dumps(value)}" for name, value in entry.items())]
    rest = without_table(text, keys)
    gap = "" if not rest.strip() else newline if rest.endswith("\n") else newline * 2
    made = rest + gap + newline.join(lines) + newline
    read(made)
    return made


def without_table(text: str, keys: Sequence[str]) -> str:
    """Return the text without a table and the tables in it; the same text when there is none.

    Raises:
        InvalidRequestError: when it is no TOML, or the table is not written as one.
    """
    found: Any = read(text)
    for key in keys:
        if not isinstance(found, dict) or key not in found:
            return text
        found = found[key]
    dotted = r"\s*\.\s*".join(rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')" for key in keys)
    own = re.compile(rf"^[ \t]*\[\s*{dotted}\s*(?:\.[^\]]*)?\]")
    lines = text.splitlines(keepends=True)
    outside = _TOKEN.sub(_without_text, text).splitlines(keepends=True)
    starts = [row for row, line in enumerate(outside) if own.match(line)]
    if not starts:
        raise InvalidRequestError(f"{'.'.join(keys)} is not written as a table of its own; remove it by hand")
    for start in reversed(starts):
        end = next((row for row in range(start + 1, len(lines)) if _HEADER.match(outside[row])), len(lines))
        while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1  # Blank lines and comments before the next table are the next table's.
        first = start - 1 if start and not lines[start - 1].strip() else start
        del lines[first:end]
    return "".join(lines)


def _without_text(found: "re.Match[str]") -> str:
    """Return as many lines as a text of several lines has, and nothing in them; any other token as it is."""
    return "\n" * found[0].count("\n") if found[0].startswith(('"""', "'''")) else found[0]
