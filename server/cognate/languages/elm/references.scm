; Names in comments and inside strings are not references.
(line_comment) @opaque
(block_comment) @opaque
(string_constant_expr) @opaque

(import_clause moduleName: (_) @imported)
