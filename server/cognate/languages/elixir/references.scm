; Names in comments and inside strings are not references.
(comment) @opaque
(quoted_content) @opaque
