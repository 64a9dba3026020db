; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(nowdoc_string) @opaque
(text) @opaque

(namespace_use_declaration) @imported
