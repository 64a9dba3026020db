; Names in comments and inside strings are not references.
(line_comment) @opaque
(block_comment) @opaque
(string_fragment) @opaque
(multiline_string_fragment) @opaque

(import_declaration) @imported
