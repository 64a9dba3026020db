"""JSON in both directions: untrusted params into typed values, payloads into JSON.

Standard params are lsprotocol's classes, our own are those of ``protocol``; one converter reads both. lsprotocol lets
``"3"`` pass for 3 and a string for an array of letters; here neither does. A failure names the field and what it should
hold, never its value: requests hold source text and queries, logs must not. Runs on the event loop; pure.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, cast, get_origin

import attrs
from cattrs import ClassValidationError, Converter, IterableValidationError
from cattrs.cols import homogenous_tuple_structure_factory, is_sequence, list_structure_factory
from cattrs.gen import make_dict_structure_fn, override
from lsprotocol import types
from lsprotocol.converters import get_converter

from cognate.errors import InvalidRequestError
from cognate.settings import camel_case

T = TypeVar("T")

log = logging.getLogger(__name__)

SIMPLE_TYPES: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "must be a string."),
    bool: ((bool,), "must be true or false."),
    int: ((int,), "must be an integer."),
    float: ((int, float), "must be a number."),
}
"""What JSON must hold for each simple type, and what is said otherwise."""


def read(raw: Any, kind: type[T], where: str = "params") -> T:
    """Return params as a typed value.

    Raises:
        InvalidRequestError: with a sentence that names the first field that is wrong.
    """
    if raw in (None, []) and _may_be_omitted(kind):
        raw = {}
    try:
        if not isinstance(raw, dict):
            raise InvalidRequestError("must be an object.")
        return converter().structure(raw, kind)
    except Exception as error:  # cattrs and attrs raise many kinds; whatever it is, the params are to blame
        raise InvalidRequestError(_sentence(error, raw, where)) from None


def read_initialize(raw: Any) -> types.InitializeParams:
    """Read the params of ``initialize``.

    A client newer than lsprotocol may send capabilities that it cannot read; then only the position encodings are
    kept, as a server with few features is better than none.
    """
    try:
        return read(raw, types.InitializeParams)
    except InvalidRequestError as error:
        capabilities = cast("Any", raw.get("capabilities") if isinstance(raw, dict) else None)
        if not isinstance(capabilities, dict):
            raise
        general: Any = cast("dict[str, Any]", capabilities).get("general")
        encodings: Any = cast("dict[str, Any]", general).get("positionEncodings") if isinstance(general, dict) else None
        few = {"general": {"positionEncodings": encodings}} if isinstance(encodings, list) else {}
        params = read({**raw, "capabilities": few}, types.InitializeParams)
        log.warning("Ignored the client's capabilities: %s", error)
        return params


def to_wire(value: Any) -> Any:
    """Return JSON for a result: camelCase names, no absent fields, finite numbers with four decimals at most.

    JSON has no infinity; one in a reply would make clients lose the whole message.
    """
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else 0.0
    if names := _wire_names(type(value)):
        pairs = ((wire_name, getattr(value, name)) for name, wire_name in names)
        return {wire_name: to_wire(item) for wire_name, item in pairs if item is not None}
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_wire(item) for item in cast("Sequence[Any]", value)]
    return converter().unstructure(value) if attrs.has(type(value)) else value


@cache
def converter() -> Converter:
    """Return lsprotocol's converter, made strict and taught our own params."""
    made = get_converter()
    for kind, (accepted, message) in SIMPLE_TYPES.items():
        made.register_structure_hook(kind, _only(accepted, message))
    made.register_structure_hook_factory(is_sequence, _arrays_only)
    made.register_structure_hook_factory(is_dataclass, _own_params)
    return made


def _only(accepted: tuple[type, ...], message: str) -> Callable[[Any, Any], Any]:
    def check(value: Any, kind: Any) -> Any:
        if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
            raise InvalidRequestError(message)
        return value if kind in SIMPLE_TYPES else kind(value)  # an enum, which derives from its simple type

    return check


def _arrays_only(kind: Any, made: Converter) -> Callable[[Any, Any], Any]:
    make = homogenous_tuple_structure_factory if get_origin(kind) is tuple else list_structure_factory
    structure = make(kind, made)

    def check(value: Any, kind: Any) -> Any:
        if not isinstance(value, list):
            raise InvalidRequestError("must be an array.")
        return structure(value, kind)

    return check


def _own_params(kind: Any, made: Converter) -> Callable[[Any, Any], Any]:
    """Return a reader of one of our own classes: camelCase names, and null counts as absent."""
    names: dict[str, Any] = {field.name: override(rename=camel_case(field.name)) for field in fields(kind)}
    structure = make_dict_structure_fn(kind, made, **names)

    def check(value: Any, kind: Any) -> Any:
        if not isinstance(value, dict):
            raise InvalidRequestError("must be an object.")
        given = cast("dict[str, Any]", value)
        return structure({name: item for name, item in given.items() if item is not None}, kind)

    return check


def _sentence(error: Exception, raw: Any, where: str) -> str:
    """Return what is wrong at the first error that cattrs tells of."""
    if isinstance(error, ClassValidationError):
        if not isinstance(raw, dict):
            return f"{where} must be an object."
        noted, bare = error.group_exceptions()
        if not noted:
            own = next((str(inner) for inner in bare if isinstance(inner, InvalidRequestError)), "")
            return f"{where}.{own}" if own else f"{where} holds a value that is not allowed."
        inner, note = noted[0]
        name = camel_case(note.name)
        value = cast("dict[str, Any]", raw).get(name)
        if isinstance(inner, KeyError) and value is None:
            return f"{where}.{name} is missing."
        return _sentence(inner, value, f"{where}.{name}")
    if isinstance(error, IterableValidationError) and isinstance(raw, list):
        inner, note = error.group_exceptions()[0][0]
        return _sentence(inner, cast("list[Any]", raw)[int(note.index)], f"{where}[{note.index}]")
    own = str(error) if isinstance(error, InvalidRequestError) else "holds a value that is not allowed."
    return f"{where} {own}"


@cache
def _may_be_omitted(kind: type) -> bool:
    """Whether params of a class have no required field, so that a client may leave them out."""
    return is_dataclass(kind) and all(field.default is not MISSING for field in fields(kind))


@cache
def _wire_names(kind: type) -> tuple[tuple[str, str], ...]:
    """Return the fields of a payload, as they are called here and on the wire; none of what is no payload."""
    return tuple((field.name, camel_case(field.name)) for field in fields(kind)) if is_dataclass(kind) else ()
