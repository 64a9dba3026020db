; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(quoted_string_content) @opaque
