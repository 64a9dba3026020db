; Targets such as .PHONY tell make something and build nothing.
(rule (targets (word) @name
  @_not..PHONY-or-.SUFFIXES-or-.DEFAULT-or-.PRECIOUS-or-.INTERMEDIATE-or-.SECONDARY-or-.SECONDEXPANSION
  @_not..SILENT-or-.NOTPARALLEL-or-.EXPORT_ALL_VARIABLES-or-.DELETE_ON_ERROR-or-.ONESHELL-or-.IGNORE-or-.POSIX)) @rule
(define_directive name: (word) @name) @macro
(variable_assignment name: (word) @name) @variable
(comment) @attached
