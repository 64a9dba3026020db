(procedure name: [(simple_word) (quoted_word) (braced_word)] @name) @function
(namespace (word_list . (simple_word) @_is.eval . (simple_word) @name)) @namespace
; TclOO, Itcl and Snit: a command with a name and a body, and inside it commands that define methods.
(command name: (simple_word) @_begins.oo arguments: (word_list . (simple_word) @_is.create . (simple_word) @name))
  @class
(command name: (simple_word) @_begins.itcl-or-snit-or-class-or-type
  arguments: (word_list . (simple_word) @name . (braced_word) .)) @class
(command name: (simple_word) @_begins.oo
  arguments: (word_list . (simple_word) @container . (simple_word) @_is.method . (simple_word) @name)) @method
(command name: (simple_word) @_is.method-or-typemethod
  arguments: (word_list . (simple_word) @name . (_) . (braced_word))) @method
(command name: (simple_word) @name @_is.constructor arguments: (word_list (braced_word))) @constructor
; Of tcltest.
(source_file (command name: (simple_word) @_is.test arguments: (word_list . (simple_word) @name . (_) . (_))) @function)
(namespace (word_list (braced_word (command name: (simple_word) @_is.variable
  arguments: (word_list . (simple_word) @name)) @variable)))
(source_file (set . (id) @name) @variable)
(comment) @attached
