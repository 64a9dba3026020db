; Names in comments and inside strings are not references.
(comment) @opaque
(block_comment) @opaque
(sexp_comment) @opaque
(string) @opaque
(here_string) @opaque

(list . (symbol) @_is.require (string) @imported)
