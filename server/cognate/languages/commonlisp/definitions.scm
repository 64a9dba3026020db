; The reader knows functions, macros and methods; their names may be qualified, or "(setf place)".
(list_lit (defun (defun_header keyword: (defun_keyword) @_is.defmacro-or-DEFMACRO
  function_name: (_) @name))) @macro
(list_lit (defun (defun_header keyword: (defun_keyword) @_is.defmethod-or-DEFMETHOD
  function_name: (_) @name))) @method
(list_lit (defun (defun_header function_name: (_) @name))) @function
; All others are lists: the first symbol says what a list defines.
(list_lit . value: (sym_lit) @_is.defclass-or-DEFCLASS-or-define-condition-or-DEFINE-CONDITION
  . value: (sym_lit) @name) @class
(list_lit . value: (sym_lit) @_is.defstruct-or-DEFSTRUCT
  . value: [(sym_lit) @name (list_lit . value: (sym_lit) @name)]) @struct
(list_lit . value: (sym_lit) @_is.defpackage-or-DEFPACKAGE
  . value: [(sym_lit) @name (kwd_lit (kwd_symbol) @name) (str_lit) @name]) @namespace
(list_lit . value: (sym_lit) @_is.defvar-or-DEFVAR-or-defparameter-or-DEFPARAMETER-or-defglobal
  . value: (sym_lit) @name) @variable
(list_lit . value: (sym_lit) @_is.defconstant-or-DEFCONSTANT . value: (sym_lit) @name) @constant
(list_lit . value: (sym_lit) @_is.deftype-or-DEFTYPE . value: (sym_lit) @name) @type
(list_lit . value: (sym_lit) @_is.define-symbol-macro-or-define-modify-macro-or-define-compiler-macro-or-defsetf
  . value: (sym_lit) @name) @macro
(source (list_lit . value: [(sym_lit) (package_lit symbol: (sym_lit))] @_begins.def-or-DEF
  . value: [(sym_lit) (package_lit symbol: (sym_lit))] @name) @function)
(list_lit . value: (sym_lit) @_is.progn-or-eval-when-or-let-or-macrolet-or-locally
  (list_lit . value: (sym_lit) @_begins.def-or-DEF . value: (sym_lit) @name) @function)
(comment) @attached
(block_comment) @attached
