; Names in comments and inside strings are not references.
(comment) @opaque
(interpreted_string_literal_content) @opaque
(raw_string_literal_content) @opaque

(import_spec path: (_) @imported)
