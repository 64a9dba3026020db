; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque

(import_statement) @imported
(import_from_statement) @imported
