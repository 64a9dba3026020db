; Names in comments and inside strings are not references.
(comment) @opaque
(verbatim_string_characters) @opaque
(verbatim_here_string_characters) @opaque
(expandable_string_literal) @opaque
(expandable_here_string_literal) @opaque
(variable) @code
(sub_expression) @code
