; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque

(use_statement . "use" . (identifier) @imported)
(use_statement . "use" . (scoped_type_identifier) @imported)
