(list . (symbol) @_is.struct-or-serializable-struct . (symbol) @name) @struct
(list . (symbol) @_begins.define . (symbol) @name
  . (list . (symbol) @_begins.class . (symbol))) @class
(list . (symbol) @_begins.module . (symbol) @name) @module
; include: scheme/definitions.scm
