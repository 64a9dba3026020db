; Names in comments and inside strings are not references.
(comment) @opaque
(string_literal) @opaque

(include_compiler_directive (double_quoted_string) @imported)
