; Names in comments and inside strings are not references.
(line_comment) @opaque
(block_comment) @opaque
(string) @opaque

(command . (unit (identifier) @_is.import) . (unit) @imported)
