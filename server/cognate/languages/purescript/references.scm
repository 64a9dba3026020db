; Names in comments and inside strings are not references.
(comment) @opaque
(string) @opaque
(triple_quote_string) @opaque

(import module: (_) @imported)
