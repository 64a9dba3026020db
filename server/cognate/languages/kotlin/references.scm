; Names in comments and inside strings are not references.
(line_comment) @opaque
(multiline_comment) @opaque
(string_content) @opaque

(import_header) @imported
