(call target: (identifier) @_is.defmodule (arguments . (alias) @name)) @module
(call target: (identifier) @_is.defprotocol (arguments . (alias) @name)) @interface
(call target: (identifier) @_is.defimpl (arguments . (alias) @name)) @scope

; What is between def and "when" is the head; the operator in a head is what is defined.
(call target: (identifier) @_is.def-or-defp-or-defmacro-or-defmacrop-or-defguard-or-defguardp
  (arguments . (binary_operator operator: "when" @name))) @import
(call target: (identifier) @_is.def-or-defp-or-defn-or-defnp (arguments . [
    (binary_operator operator: _ @name)
    (binary_operator left: (binary_operator operator: _ @name) operator: "when")
    (unary_operator operator: _ @name)])) @function
(call target: (identifier) @_is.defmacro-or-defmacrop (arguments . [
    (binary_operator operator: _ @name)
    (binary_operator left: (binary_operator operator: _ @name) operator: "when")
    (unary_operator operator: _ @name)])) @macro
; A head is a call or a bare name, each with or without a guard.
(call target: (identifier) @_is.def-or-defp-or-defdelegate-or-defn-or-defnp (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")])) @function
(call target: (identifier) @_is.defmacro-or-defmacrop-or-defguard-or-defguardp
  (arguments . [
    (call target: (identifier) @name)
    (identifier) @name
    (binary_operator left: (call target: (identifier) @name) operator: "when")
    (binary_operator left: (identifier) @name operator: "when")])) @macro
(call target: (identifier) @_is.test-or-describe-or-property-or-feature
  (arguments . (string (quoted_content) @name))) @function

; defstruct [:a, b: 1], with or without brackets; a module has one struct, so its fields are the module's.
(call target: (identifier) @_is.defstruct-or-defexception (arguments (list (atom) @name @field)))
(call target: (identifier) @_is.defstruct-or-defexception
  (arguments (list (keywords (pair key: (keyword) @name) @field))))
(call target: (identifier) @_is.defstruct-or-defexception (arguments (keywords (pair key: (keyword) @name) @field)))
(call target: [(identifier) (dot)] @_is.defrecord-or-defrecordp-or-Record.defrecord-or-Record.defrecordp
  (arguments . (atom) @name)) @struct
; Ecto: schema "users" with its fields.
(call target: (identifier) @_is.schema (arguments . (string (quoted_content) @name))) @table
(call target: (identifier) @_is.field-or-belongs_to-or-has_many-or-has_one-or-many_to_many-or-embeds_one-or-embeds_many
  (arguments . (atom) @name)) @field
(unary_operator operand: (call target: (identifier) @_is.type-or-typep-or-opaque
  (arguments (binary_operator left: [(call target: (identifier) @name) (identifier) @name])))) @type
(unary_operator operand: (call target: (identifier) @_is.callback (arguments (binary_operator left: [
  (call target: (identifier) @name)
  (identifier) @name
  (binary_operator left: [(call target: (identifier) @name) (identifier) @name])])))) @function
(unary_operator operand: (call target: (identifier) @_is.macrocallback (arguments (binary_operator left: [
  (call target: (identifier) @name)
  (identifier) @name
  (binary_operator left: [(call target: (identifier) @name) (identifier) @name])])))) @macro

; Attributes are constants, except for those that the language itself reads.
(do_block (unary_operator operator: "@" operand: (call target: (identifier)
  @name @_is.moduledoc-or-doc-or-typedoc-or-spec-or-type-or-typep-or-opaque-or-callback-or-macrocallback)) @import)
(do_block (unary_operator operator: "@" operand: (call target: (identifier)
  @name @_is.impl-or-behaviour-or-deprecated-or-derive-or-dialyzer-or-enforce_keys-or-optional_callbacks)) @import)
(do_block (unary_operator operator: "@" operand: (call target: (identifier)
  @name @_is.before_compile-or-after_compile-or-compile-or-on_load-or-on_definition-or-external_resource)) @import)
(do_block (unary_operator operator: "@" operand: (call target: (identifier)
  @name @_is.tag-or-moduletag-or-describetag)) @import)
(do_block (unary_operator operator: "@" operand: (call target: (identifier) @name)) @constant)

(comment) @attached
(unary_operator operator: "@") @attached
