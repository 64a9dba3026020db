; Names in comments and inside strings are not references; what $( and ) enclose is code.
(line_comment) @opaque
(block_comment) @opaque
(content) @opaque

; include("shapes.jl") names a file; using and import name packages.
(call_expression . (identifier) @_is.include (argument_list . (string_literal) @imported))
