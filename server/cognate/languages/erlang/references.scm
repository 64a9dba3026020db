; Names in comments and inside strings are not references.
(comment) @opaque
(string) @opaque

; -include("user.hrl") is looked for beside the file, -include_lib begins with a package.
(pp_include file: (string) @imported)
