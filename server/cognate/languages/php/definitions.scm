; A constructor is a method of one certain name.
(method_declaration name: (name) @name @_is.__construct) @constructor
(method_declaration name: (name) @name) @method
(function_definition name: (name) @name) @function
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @constant
(namespace_definition name: (namespace_name) @name) @namespace
(const_declaration (const_element (name) @name)) @constant
(property_declaration (property_element name: (variable_name (name) @name))) @property
; define("NAME", ...)
(expression_statement (function_call_expression function: (name) @_is.define
  arguments: (arguments . (argument [(string) (encapsed_string)] @name)))) @constant
; Variables count only at the top of a file.
(program (expression_statement (assignment_expression left: (variable_name (name) @name)
  right: [(anonymous_function) (arrow_function)])) @function)
(program (expression_statement (assignment_expression left: (variable_name (name) @name))) @variable)
(comment) @attached
(attribute_list) @attached
