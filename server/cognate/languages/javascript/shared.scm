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
(method_definition name: [
  (property_identifier) (private_property_identifier) (string) (computed_property_name)] @name) @method
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
; A.prototype.b = c gives A a method that is defined elsewhere, but what made A is no such method.
(assignment_expression left: (member_expression
  object: (member_expression property: (property_identifier) @_is.prototype)
  property: (property_identifier) @name @_is.constructor)) @import
(assignment_expression left: (member_expression
    object: (member_expression property: (property_identifier) @_is.prototype) @container
    property: (property_identifier) @name)
  right: [(identifier) (member_expression) (call_expression)]) @method
(assignment_expression left: (subscript_expression object: (_) @container index: (string) @name)
  right: [(function_expression) (generator_function) (arrow_function)]) @callable
(assignment_expression left: (identifier) @name
  right: [(function_expression) (generator_function) (arrow_function)]) @function
; One declaration may bind several names, each on its own line.
(variable_declarator name: (identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @function
(variable_declarator name: (identifier) @name value: (class)) @class

; Functions in an object literal, wherever it stands: assigned, exported, returned, in arguments or in another object.
(pair key: [(property_identifier) (string)] @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method
; A.prototype = { ... } gives its functions their container.
(assignment_expression left: (member_expression object: (_) @name property: (property_identifier) @_is.prototype)
  right: (object)) @scope
; Object.defineProperty(a, "b", ...)
(call_expression
  function: (member_expression object: (identifier) @_is.Object property: (property_identifier) @_is.defineProperty)
  arguments: (arguments . (_) . (string) @name)) @property

; Tests are named by their titles, also those of it.only("title", ...) and it.each(...)("title", ...).
(expression_statement (call_expression
  function: [
    (identifier) @_is.describe-or-context-or-suite-or-it-or-test-or-specify-or-bench
    (member_expression object: (identifier) @_is.describe-or-context-or-suite-or-it-or-test-or-specify-or-bench)
    (call_expression function: (member_expression
      object: (identifier) @_is.describe-or-context-or-suite-or-it-or-test-or-specify-or-bench))]
  arguments: (arguments . [(string) (template_string)] @name . (object)?
    . [(arrow_function) (function_expression)])) @function)

; The own name of a function expression counts where it is not bound to another: in arguments, returned or called.
(variable_declarator value: (function_expression name: (identifier) @name)) @import
(assignment_expression right: (function_expression name: (identifier) @name)) @import
(pair value: (function_expression name: (identifier) @name)) @import
(function_expression name: (identifier) @name) @function
(generator_function name: (identifier) @name) @function

; Variables count only at the top of the file.
(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(export_statement (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name) @constant))
(export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(export_statement (variable_declaration (variable_declarator name: (identifier) @name) @variable))
; exports.name = ... and module.exports.name = ...
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.exports property: (property_identifier) @name)) @variable))
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.module.exports property: (property_identifier) @name)) @variable))

(comment) @attached
(decorator) @attached
