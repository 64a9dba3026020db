; The grammar knows words and blocks: what a command defines stands behind its first word, in front of a block or in it.
(command (unit (identifier) @_is.class-or-record) . [(unit . (identifier) @name) (block . (unit . (identifier)
  @name))]) @class
(command (unit (identifier) @_is.interface) . [(unit . (identifier) @name) (block . (unit . (identifier) @name))])
  @interface
(command (decorate (identifier) @_is.interface) . [(unit . (identifier) @name) (block . (unit . (identifier)
  @name))]) @interface
(command (unit (identifier) @_is.trait) . [(unit . (identifier) @name) (block . (unit . (identifier) @name))]) @trait
(command (unit (identifier) @_is.enum) . [(unit . (identifier) @name) (block . (unit . (identifier) @name))]) @enum
; A name with parameters and a body, behind a type or a modifier. A constructor has neither.
(command (unit (identifier) @_not.return-or-new-or-assert-or-throw-or-else-or-in-or-case)
  . (block . (unit . (func . (identifier) @name (arg_block))))) @callable
(command (unit (generics_class)) . (block . (unit . (func . (identifier) @name (arg_block))))) @callable
(command (unit (identifier) @_is.class) (block (command . (block . (unit . (func . (identifier) @name (arg_block)))))
  @constructor))
; A feature of Spock; behind an annotation its "def" is not understood.
(command (unit (identifier) @_is.def) . (block . (string) @name)) @callable
(block . (string) @name . (ERROR)) @callable
(command (unit (identifier) @_is.def) . (unit (identifier) @name) . (block . (operators))) @callable
; Of Gradle and Jenkins.
(command . (unit (identifier) @_is.task) . [(block . (unit (identifier) @name)) (unit . (identifier) @name)]) @rule
(command (block . (unit (func . (identifier) @_is.task-or-stage (arg_block . (string) @name))))) @rule
(command (block . (unit (identifier) @_is.tasks . (func . (identifier) @_is.register-or-create-or-named
  (arg_block . (string) @name))))) @rule
; What stands in a class, and at the top of a script.
(block (command (unit (identifier) @_is.static-or-final) . (unit (identifier)) . (unit . (identifier) @name .) .
  (operators)) @field)
(source_file (command . (unit (identifier) @_is.def) . (unit . (identifier) @name .) . (operators)) @variable)
(line_comment) @attached
(block_comment) @attached
(decorate) @attached
