(class_name_statement name: (name) @name) @class
(class_definition name: (name) @name) @class
(function_definition name: (name) @name) @callable
(constructor_definition "_init" @name) @constructor
(enum_definition name: (name) @name) @enum
(enumerator left: (identifier) @name) @constant
(signal_statement name: (name) @name) @property
(const_statement name: (name) @name) @constant
(class_body (variable_statement name: (name) @name) @field)
(source (variable_statement name: (name) @name) @variable)
(source (export_variable_statement name: (name) @name) @variable)
(source (onready_variable_statement name: (name) @name) @variable)
(annotation) @attached
(comment) @attached
