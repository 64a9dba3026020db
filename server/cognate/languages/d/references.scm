; Names in comments and inside strings are not references.
(comment) @opaque
(string_literal) @opaque

(import_declaration (imported (module_fqn) @imported))
