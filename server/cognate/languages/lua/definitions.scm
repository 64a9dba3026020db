; local json = require "json" binds an import.
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_call name: (identifier) @_is.require)))) @import)
(function_declaration name: (identifier) @name) @function
(function_declaration name: (dot_index_expression table: (_) @container field: (identifier) @name)) @function
(function_declaration name: (method_index_expression table: (_) @container method: (identifier) @name)) @method
(variable_declaration (assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_definition)))) @function
(assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_definition))) @function
(assignment_statement
  (variable_list name: (dot_index_expression table: (_) @container field: (identifier) @name))
  (expression_list value: (function_definition))) @function
; A function in a table.
(field name: (identifier) @name value: (function_definition)) @method
; Variables count only at the top of the file.
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @variable)
(chunk (assignment_statement (variable_list name: (identifier) @name)) @variable)
(chunk (assignment_statement
  (variable_list name: (dot_index_expression table: (_) @container field: (identifier) @name))) @field)
(comment) @attached
