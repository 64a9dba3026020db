; Names in comments and inside strings are not references.
(comment) @opaque
(documentation_comment) @opaque
(string_literal) @opaque
(template_substitution) @code

(uri (string_literal) @imported)
