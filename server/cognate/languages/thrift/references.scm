; Names in comments and inside strings are not references.
(comment) @opaque
(string_fragment) @opaque

(include_statement (string) @imported)
