; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(raw_string) @opaque
(ansi_c_string) @opaque
(heredoc_body) @opaque

; $name, ${name} and $(command) are code, in strings and here-documents, too.
(simple_expansion) @code
(expansion) @code
(command_substitution) @code
