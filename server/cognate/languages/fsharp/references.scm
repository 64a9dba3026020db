; Names in comments and inside strings are not references.
(line_comment) @opaque
(block_comment) @opaque
(string) @opaque
(triple_quoted_string) @opaque
(verbatim_string) @opaque
(format_string) @opaque
(format_triple_quoted_string) @opaque
(format_string_eval) @code

(import_decl (long_identifier) @imported)
