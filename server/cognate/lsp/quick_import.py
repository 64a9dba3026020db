"""Imports lsprotocol's types in less than half the time that they usually take; imported before all that needs them.

The module is five hundred classes, for each of which attrs writes and compiles methods. Messages are read and written
here without these classes (see ``dispatch``), so that nobody compares or prints them, nor has so many that slots
would pay; pygls makes a few and reads their fields.
"""

import importlib
from functools import partial

import attrs


def import_types() -> None:
    """Import ``lsprotocol.types``, its classes without the methods that nobody calls."""
    define = attrs.define
    attrs.define = partial(define, eq=False, repr=False, slots=False)
    try:
        importlib.import_module("lsprotocol.types")
    finally:
        attrs.define = define
