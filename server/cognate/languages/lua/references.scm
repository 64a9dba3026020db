; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque

; require "a.b" and require("a.b").
(function_call name: (identifier) @_is.require arguments: (arguments . (string) @imported))
