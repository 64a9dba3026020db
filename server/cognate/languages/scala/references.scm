; Names in comments and inside strings are not references.
(comment) @opaque
(block_comment) @opaque
(string) @opaque
(interpolated_string) @opaque

; What stands between ${ and } of a string is code.
(interpolation) @code

(import_declaration) @imported
