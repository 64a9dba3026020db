; Names in comments and inside strings are not references.
(comment) @opaque
(statement_comment) @opaque
(module_comment) @opaque
(string) @opaque

(import module: (_) @imported)
