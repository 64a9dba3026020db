; The first symbol of a list says what the list defines; a name in a list of its own is a function's.
(list . (symbol) @_begins.define-syntax-or-define-macro-or-defmacro-or-define-rule-or-define-simple-macro
  . [(symbol) @name (list . (symbol) @name)]) @macro
(list . (symbol) @_begins.define-record-or-define-struct . [(symbol) @name (list . (symbol) @name)]) @struct
(list . (symbol) @_begins.define-class . (symbol) @name) @class
(list . (symbol) @_begins.define-type-or-define-signature-or-define-interface . (symbol) @name) @type
(list . (symbol) @_begins.define-method-or-define-public-method
  . [(symbol) @name (list . (symbol) @name)]) @method
(list . (symbol) @_begins.define-values . (list (symbol) @name @variable))
(list . (symbol) @_begins.define @_not.define-library-or-define-module . [(list . (symbol) @name)
  (list . (list . (symbol) @name)) (list . (list . (list . (symbol) @name)))]) @function
(list . (symbol) @_begins.define . (symbol) @name
  . (list . (symbol) @_begins.lambda-or-case-lambda-or-named-lambda)) @function

(list . (symbol) @_is.define-library-or-define-module-or-library-or-module . (list) @name) @module
(list . (symbol) @_is.define-constant . (symbol) @name) @constant
(list . (symbol) @_begins.define . (symbol) @name) @variable
(comment) @attached
(block_comment) @attached
