"""Reads untrusted JSON, one field at a time, into values with types.

A reader is a function of a value and of the name to blame. Every reader raises InvalidRequestError with a sentence that
names the field and what it should hold, never the value itself: requests hold source text and queries, logs must not.
Runs on the event loop; never touches files or the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast

from cognate.errors import InvalidRequestError

T = TypeVar("T")

Reader: TypeAlias = Callable[[Any, str], T]
"""Turns a JSON value into T; the second argument is the field's name, for the message."""

MAX_UNSIGNED = 2**31 - 1
"""The largest ``uinteger`` of the protocol."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two characters, 0-based; ``character`` counts code units of the agreed encoding."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """From ``start`` up to ``end``, as the protocol has it."""

    start: Position
    end: Position


def an_object(value: Any, where: str) -> dict[str, Any]:
    """Read a JSON object."""
    if not isinstance(value, dict):
        raise InvalidRequestError(f"{where} must be an object.")
    return cast("dict[str, Any]", value)


def text(value: Any, where: str) -> str:
    """Read a string."""
    if not isinstance(value, str):
        raise InvalidRequestError(f"{where} must be a string.")
    return value


def boolean(value: Any, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise InvalidRequestError(f"{where} must be true or false.")
    return value


def whole_number(minimum: int = 0, maximum: int = MAX_UNSIGNED) -> Reader[int]:
    """Return a reader of integers in a closed range."""

    def read(value: Any, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            limits = f"of at least {minimum}" if maximum == MAX_UNSIGNED else f"from {minimum} to {maximum}"
            raise InvalidRequestError(f"{where} must be an integer {limits}.")
        return value

    return read


def list_of(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return a reader of arrays."""

    def read(value: Any, where: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise InvalidRequestError(f"{where} must be an array.")
        items = cast("list[Any]", value)
        return tuple(reader(item, f"{where}[{index}]") for index, item in enumerate(items))

    return read


def required(raw: Any, name: str, reader: Reader[T], where: str = "params") -> T:
    """Read a field that must be there."""
    fields = an_object(raw, where)
    if fields.get(name) is None:
        raise InvalidRequestError(f"{where}.{name} is missing.")
    return reader(fields[name], f"{where}.{name}")


def optional(raw: Any, name: str, reader: Reader[T], default: T, where: str = "params") -> T:
    """Read a field that may be absent or null."""
    value = an_object(raw, where).get(name)
    return default if value is None else reader(value, f"{where}.{name}")


def maybe(raw: Any, name: str, reader: Reader[T], where: str = "params") -> T | None:
    """Read a field whose absence means something of its own."""
    value = an_object(raw, where).get(name)
    return None if value is None else reader(value, f"{where}.{name}")


def position(value: Any, where: str) -> Position:
    """Read a protocol position."""
    line = required(value, "line", whole_number(), where)
    return Position(line, required(value, "character", whole_number(), where))


def text_range(value: Any, where: str) -> Range:
    """Read a protocol range; its end must not stand before its start."""
    found = Range(required(value, "start", position, where), required(value, "end", position, where))
    if (found.end.line, found.end.character) < (found.start.line, found.start.character):
        raise InvalidRequestError(f"{where}.end must not stand before {where}.start.")
    return found


def document_uri(raw: Any, name: str = "textDocument", where: str = "params") -> str:
    """Read the URI of a document identifier."""
    identifier = required(raw, name, an_object, where)
    return required(identifier, "uri", text, f"{where}.{name}")
