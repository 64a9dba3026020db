; Names in comments and inside strings are not references.
(comment) @opaque
(haddock) @opaque
(string) @opaque
(quasiquote_body) @opaque

(import module: (_) @imported)
