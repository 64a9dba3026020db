; Names in comments and inside strings are not references.
(comment) @opaque
(str_lit) @opaque
(regex_lit) @opaque
(dis_expr) @opaque
