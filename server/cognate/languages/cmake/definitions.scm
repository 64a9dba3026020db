(function_def (function_command (argument_list . (argument) @name))) @function
(macro_def (macro_command (argument_list . (argument) @name))) @macro
; What is built, and what is set outside of functions; commands may be written in capitals.
(normal_command (identifier)
  @_is.add_library-or-add_executable-or-add_custom_target-or-ADD_LIBRARY-or-ADD_EXECUTABLE-or-ADD_CUSTOM_TARGET
  (argument_list . (argument) @name)) @rule
(normal_command (identifier) @_is.add_test-or-ADD_TEST
  (argument_list . (argument) @_is.NAME . (argument) @name)) @rule
(normal_command (identifier) @_is.project-or-PROJECT (argument_list . (argument) @name)) @module
(normal_command (identifier) @_is.set-or-option-or-SET-or-OPTION (argument_list . (argument) @name)) @variable
(line_comment) @attached
(bracket_comment) @attached
