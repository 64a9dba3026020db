; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(string_literal_content) @opaque
(raw_string_content) @opaque
(verbatim_string_literal) @opaque
