; Names in comments and inside strings are not references.
(comment) @opaque
(multiline_comment) @opaque
(line_str_text) @opaque
(multi_line_str_text) @opaque
(raw_str_part) @opaque
(regex_literal) @opaque
