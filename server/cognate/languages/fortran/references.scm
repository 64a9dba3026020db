; Names in comments and inside strings are not references.
(comment) @opaque
(string_literal) @opaque

(include_statement (_) @imported)
