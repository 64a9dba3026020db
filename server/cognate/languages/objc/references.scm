; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(system_lib_string) @opaque

(preproc_include path: (_) @imported)
