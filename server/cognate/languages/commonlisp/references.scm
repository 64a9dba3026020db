; Names in comments and inside strings are not references.
(comment) @opaque
(block_comment) @opaque
(str_lit) @opaque
