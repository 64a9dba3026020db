; Names in comments and inside strings are not references.
(comment) @opaque
(block_comment) @opaque
(string) @opaque
