; Plain lists: the first symbol says what a list defines.
(list . (symbol) @_is.cl-defstruct-or-defstruct . [(symbol) @name (list . (symbol) @name)]) @struct
(list . (symbol) @_is.defclass-or-eieio-defclass . (symbol) @name) @class
(list . (symbol) @_is.defcustom-or-defvar-local-or-defface-or-defgroup-or-defvar-keymap-or-defvaralias
  . [(symbol) @name (quote (symbol) @name)]) @variable
(special_form "defvar" . (symbol) @name) @variable
(special_form "defconst" . (symbol) @name) @constant
(macro_definition name: (symbol) @name) @macro
(function_definition name: (symbol) @name) @function
(list . (symbol) @_is.cl-defmacro-or-pcase-defmacro-or-gv-define-setter . (symbol) @name) @macro
(list . (symbol) @_is.cl-defmethod-or-defmethod . (symbol) @name) @method
(list . (symbol) @_begins.cl-def-or-defun-or-defadvice-or-ert-deftest . (symbol) @name) @function
(list . (symbol) @_is.defalias-or-define-obsolete-function-alias-or-fset . (quote (symbol) @name)) @function
; Modes and what macros of packages define; "define-key" and what else begins like a definition binds no name.
(source_file (list . (symbol) @_begins.define--or-transient-define--or-evil-define-
  @_not.define-key-or-define-key-after-or-define-abbrev-or-define-category
  . [(symbol) @name (quote (symbol) @name)]) @function)
(comment) @attached
