; Names in comments and inside strings are not references.
(comment) @opaque
(string_content) @opaque
(heredoc_content) @opaque

; require "a/b" and require_relative "b".
(call !receiver method: (identifier) @_is.require-or-require_relative
  arguments: (argument_list . (string) @imported))
