(function_definition name: (identifier) @name) @function
(module (expression_statement (assignment left: (identifier) @name right: (lambda))) @function)
(module (expression_statement (assignment left: (identifier) @name)) @variable)
; A target of a build file: cc_library(name = "core", …)
(module (expression_statement (call arguments: (argument_list
  (keyword_argument name: (identifier) @_is.name value: (string) @name)))) @rule)
(comment) @attached
