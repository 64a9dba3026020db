"""Definition queries for Elixir, Haskell and SQL."""

_ELIXIR_HEADS = (
    "(call target: (identifier) @name)",
    "(identifier) @name",
    '(binary_operator left: (call target: (identifier) @name) operator: "when")',
    '(binary_operator left: (identifier) @name operator: "when")',
)
_ELIXIR_HEAD = f"[{' '.join(_ELIXIR_HEADS)}]"
_ELIXIR_TYPE_HEAD = f"[{' '.join(_ELIXIR_HEADS[:2])}]"
_ELIXIR_ATTRIBUTES = "-or-".join(
    (
        "moduledoc", "doc", "typedoc", "spec", "type", "typep", "opaque", "callback", "macrocallback", "impl",
        "behaviour", "deprecated", "derive", "dialyzer", "enforce_keys", "before_compile", "after_compile", "on_load",
        "on_definition", "optional_callbacks", "compile", "external_resource", "tag", "moduletag", "describetag",
    )
)  # fmt: skip

_ELIXIR = f"""
(call target: (identifier) @_is.defmodule (arguments . (alias) @name)) @module
(call target: (identifier) @_is.defprotocol (arguments . (alias) @name)) @interface
(call target: (identifier) @_is.defimpl (arguments . (alias) @name)) @scope
(call target: (identifier) @_is.def-or-defp-or-defdelegate (arguments . {_ELIXIR_HEAD})) @function
(call target: (identifier) @_is.defmacro-or-defmacrop-or-defguard-or-defguardp
  (arguments . {_ELIXIR_HEAD})) @macro
(call target: (identifier) @_is.test (arguments . (string (quoted_content) @name))) @function
(unary_operator operand: (call target: (identifier) @_is.type-or-typep-or-opaque
  (arguments (binary_operator left: {_ELIXIR_TYPE_HEAD})))) @type
(unary_operator operand: (call target: (identifier) @_is.callback
  (arguments (binary_operator left: {_ELIXIR_TYPE_HEAD})))) @function
(unary_operator operand: (call target: (identifier) @_is.macrocallback
  (arguments (binary_operator left: {_ELIXIR_TYPE_HEAD})))) @macro
(do_block (unary_operator operator: "@"
  operand: (call target: (identifier) @name @_is.{_ELIXIR_ATTRIBUTES})) @import)
(do_block (unary_operator operator: "@" operand: (call target: (identifier) @name)) @constant)
(comment) @attached
(unary_operator operator: "@") @attached
"""

_HASKELL = """
(declarations (function name: (_) @name) @equation)
(declarations (function (infix operator: (_) @name)) @equation)
(declarations (bind name: (variable) @name match: (match expression: (literal))) @constant)
(declarations (bind name: (variable) @name) @equation)
(data_type name: (_) @name) @type
(newtype name: (_) @name) @type
(type_synomym name: (_) @name) @type
(type_family name: (_) @name) @type
(data_constructor (prefix name: (constructor) @name @constructor))
(data_constructor (record name: (constructor) @name @constructor))
(newtype_constructor name: (constructor) @name @constructor)
(field name: (field_name) @name) @field
(class name: (_) @name) @interface
(class_declarations (signature name: (variable) @name) @method)
(instance name: (_) @name) @scope
(instance_declarations (function name: (_) @name) @equation)
(instance_declarations (bind name: (variable) @name) @equation)
(declarations (signature) @attached)
(instance_declarations (signature) @attached)
(comment) @attached
(haddock) @attached
(pragma) @attached
"""

_SQL = """
(create_table (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_view (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_materialized_view (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_function (keyword_function)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @function
(create_trigger (keyword_trigger)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @function
(create_type (keyword_type)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @type
(create_schema (identifier) @name) @namespace
(column_definitions (column_definition name: (identifier) @name) @field)
(comment) @attached
(marginalia) @attached
"""

QUERIES = {
    "elixir": _ELIXIR,
    "haskell": _HASKELL,
    "sql": _SQL,
}
