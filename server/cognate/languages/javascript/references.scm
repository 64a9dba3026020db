; Names in comments and inside strings are not references.
(comment) @opaque
(html_comment) @opaque
(string_fragment) @opaque
(regex_pattern) @opaque
(jsx_text) @opaque

; import ... from "./m", export ... from "./m", require("./m") and import("./m").
(import_statement source: (string)) @imported
(export_statement source: (string)) @imported
(call_expression function: [(identifier) (import)] @_is.require-or-import
  arguments: (arguments . (string) @imported))
