; What JavaScript and TypeScript define in the same words.
(method_definition name: (property_identifier) @name @_is.constructor) @constructor

; module.exports = ... and what require gives are no definitions.
(assignment_expression left: (member_expression
  object: (identifier) @_is.module property: (property_identifier) @name @_is.exports)) @import
(variable_declarator name: (identifier) @name
  value: (call_expression function: (identifier) @_is.require)) @import
(variable_declarator name: (identifier) @name
  value: (member_expression object: (call_expression function: (identifier) @_is.require))) @import

(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: [(property_identifier) (private_property_identifier) (string)] @name) @method
; module.exports = function name() {} defines that name.
(assignment_expression
  left: (member_expression object: (identifier) @_is.module property: (property_identifier) @_is.exports)
  right: (function_expression name: (identifier) @name)) @function
; A.prototype.b = function () {}: a method of A.
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name)
  right: [(function_expression) (generator_function) (arrow_function)]) @callable
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name) right: (class)) @class
(assignment_expression left: (identifier) @name
  right: [(function_expression) (generator_function) (arrow_function)]) @function
(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)])) @function
(variable_declaration (variable_declarator name: (identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)])) @function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class))) @class
(variable_declaration (variable_declarator name: (identifier) @name value: (class))) @class

; Functions in an object literal that is assigned or exported.
(variable_declarator value: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))
(assignment_expression right: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))
(export_statement value: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))

; Variables count only at the top of the file.
(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)) @constant)
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(export_statement (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)) @constant)
(export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(export_statement (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
; exports.name = ... and module.exports.name = ...
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.exports property: (property_identifier) @name)) @variable))
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.module.exports property: (property_identifier) @name)) @variable))

(comment) @attached
(decorator) @attached
