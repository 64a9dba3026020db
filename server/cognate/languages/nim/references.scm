; Names in comments and inside strings are not references.
(comment) @opaque
(documentation_comment) @opaque
(string_content) @opaque

(import_statement (expression_list (_) @imported))
(import_from_statement module: (_) @imported)
(include_statement (expression_list (_) @imported))
