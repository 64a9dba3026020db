(function_definition (function_declaration name: (_) @name)) @function
(command_statement name: (command_name) @name) @function
(augroup_statement (augroup_name) @name @_not.END-or-end-or-End) @namespace
(const_statement . (_) @name) @constant
; Variables count only outside of functions.
(let_statement . [(identifier) (scoped_identifier)] @name) @variable
(comment) @attached
