"""Typed values as JSON and back, for two processes of one version. Pure.

A dataclass is an array of its fields, in order; bytes are hexadecimal. What is read is built by the type that is
expected, never by what the data says of itself. ``cattrs`` does this too, and takes longer to import than a search
from the shell may last.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints


def to_json(value: Any) -> Any:
    """Return a value as what ``json`` can write."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, Sequence | AbstractSet):
        return [to_json(item) for item in cast("Sequence[Any]", value)]
    return [to_json(getattr(value, name)) for name, _ in _fields(type(value))]


def from_json(kind: Any, data: Any) -> Any:
    """Return a value of a type from what ``json`` read.

    Raises:
        ValueError: when the data is of another shape.
    """
    try:
        return _read(kind, data)
    except (TypeError, ValueError, KeyError) as error:
        raise ValueError(f"not a {getattr(kind, '__name__', kind)}: {error}") from None


def _read(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if origin is None:
        return _read_plain(kind, data)
    arguments = get_args(kind)
    if origin in {Union, UnionType}:
        return None if data is None else _read(next(one for one in arguments if one is not type(None)), data)
    if issubclass(origin, Mapping):
        return {str(key): _read(arguments[1], item) for key, item in data.items()}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return tuple(_read(one, item) for one, item in zip(arguments, _array(data), strict=True))
    items = [_read(arguments[0], item) for item in _array(data)]
    return origin(items) if origin in {tuple, frozenset} else items


def _read_plain(kind: Any, data: Any) -> Any:
    if is_dataclass(kind):
        expected = _fields(cast("type", kind))
        return cast("type", kind)(*(_read(of, item) for (_, of), item in zip(expected, _array(data), strict=True)))
    if kind is bytes:
        return bytes.fromhex(data)
    if issubclass(kind, Enum):
        return kind(data)
    if kind is float and isinstance(data, int):
        return float(data)
    if not isinstance(data, kind):
        raise TypeError(f"expected {kind.__name__}")
    return data


def _array(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise TypeError("expected an array")
    return cast("list[Any]", data)


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass with their types, in order."""
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))
