(call target: (identifier) @_is.defmodule (arguments . (alias) @name)) @module
(call target: (identifier) @_is.defprotocol (arguments . (alias) @name)) @interface
(call target: (identifier) @_is.defimpl (arguments . (alias) @name)) @scope

; A head is a call or a bare name, each with or without a guard.
(call target: (identifier) @_is.def-or-defp-or-defdelegate (arguments . [
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
(call target: (identifier) @_is.test (arguments . (string (quoted_content) @name))) @function
(unary_operator operand: (call target: (identifier) @_is.type-or-typep-or-opaque
  (arguments (binary_operator left: [(call target: (identifier) @name) (identifier) @name])))) @type
(unary_operator operand: (call target: (identifier) @_is.callback
  (arguments (binary_operator left: [(call target: (identifier) @name) (identifier) @name])))) @function
(unary_operator operand: (call target: (identifier) @_is.macrocallback
  (arguments (binary_operator left: [(call target: (identifier) @name) (identifier) @name])))) @macro

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
