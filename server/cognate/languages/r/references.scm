; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque

; source("helpers.R") names a file; library and require name packages.
(call function: (identifier) @_is.source-or-sys.source
  arguments: (arguments . argument: (argument . value: (string) @imported)))
