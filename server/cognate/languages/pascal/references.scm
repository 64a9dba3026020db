; Names in comments and inside strings are not references.
(comment) @opaque
(literalString) @opaque

(declUses (moduleName) @imported)
