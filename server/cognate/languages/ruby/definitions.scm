; A method outside any class is a function.
(program (method name: (_) @name) @function)
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(class name: (_) @name) @class
(module name: (_) @name) @module
; Point = Struct.new(...) is a class.
(assignment left: (constant) @name right: (call receiver: (constant) @_is.Struct)) @class
(assignment left: (constant) @name) @constant
; attr_accessor :name
(call method: (identifier) @_is.attr_accessor-or-attr_reader-or-attr_writer
  arguments: (argument_list (simple_symbol) @name)) @property
(comment) @attached
