; A form is told by its first word.
(list_lit . value: (sym_lit name: (sym_name) @_is.ns-or-in-ns) . value: (sym_lit name: (sym_name) @name)) @module
(list_lit . value: (sym_lit name: (sym_name) @_is.defn-or-defn--or-defmulti-or-defmethod-or-defn-spec-or-definline)
  . value: (sym_lit name: (sym_name) @name)) @function
(list_lit . value: (sym_lit name: (sym_name) @_is.deftest-or-deftest--or-defspec-or-defflow-or-deffixture)
  . value: (sym_lit name: (sym_name) @name)) @function
(list_lit . value: (sym_lit name: (sym_name) @_is.defmacro-or-defmacro-)
  . value: (sym_lit name: (sym_name) @name)) @macro
(list_lit . value: (sym_lit name: (sym_name) @_is.defprotocol-or-definterface)
  . value: (sym_lit name: (sym_name) @name)) @interface
(list_lit . value: (sym_lit name: (sym_name) @_is.defrecord-or-deftype-or-defstruct-or-gen-class)
  . value: (sym_lit name: (sym_name) @name)) @class
(list_lit . value: (sym_lit name: (sym_name) @_is.extend-type-or-extend-protocol)
  . value: (sym_lit name: (sym_name) @name)) @scope
; The methods of a protocol, a record or a type.
(list_lit . value: (sym_lit name: (sym_name) @_is.defprotocol-or-definterface)
  value: (list_lit . value: (sym_lit name: (sym_name) @name)) @method)
(list_lit . value: (sym_lit name: (sym_name) @_is.defrecord-or-deftype-or-extend-type-or-extend-protocol)
  value: (list_lit . value: (sym_lit name: (sym_name) @name) . value: (vec_lit)) @method)
; What is bound to (fn ...) is a function.
(list_lit . value: (sym_lit name: (sym_name) @_is.def-or-defonce) . value: (sym_lit name: (sym_name) @name)
  value: (list_lit . value: (sym_lit name: (sym_name) @_is.fn))) @function
(list_lit . value: (sym_lit name: (sym_name) @_is.def-or-defonce-or-def-)
  . value: (sym_lit name: (sym_name) @name)) @variable
(list_lit . value: (sym_lit name: (sym_name) @_is.def) . value: (kwd_lit name: (kwd_name) @name)) @type
(comment) @attached
