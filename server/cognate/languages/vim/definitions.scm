(function_definition (function_declaration name: (_) @name)) @function
; Vim 9 is a language that the grammar does not know; its functions look like commands.
(unknown_builtin_statement (unknown_command_name) @_is.def (arguments . (command_argument) @name)) @function
(unknown_builtin_statement (unknown_command_name) @_is.export
  (arguments . (command_argument) @_is.def . (command_argument) @name)) @function
(command_statement name: (command_name) @name) @function
(augroup_statement (augroup_name) @name @_not.END-or-end-or-End) @namespace
(const_statement . (_) @name) @constant
; Variables count only outside of functions.
(let_statement . [(identifier) (scoped_identifier)] @name) @variable
(comment) @attached
