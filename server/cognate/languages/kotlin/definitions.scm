; The grammar calls interfaces and enums class declarations, too.
(class_declaration "interface" (type_identifier) @name) @interface
(class_declaration "enum" (type_identifier) @name) @enum
(class_declaration (type_identifier) @name) @class
(object_declaration (type_identifier) @name) @class
(companion_object (type_identifier) @name) @class
; An extension function is a method of the type that it extends.
(function_declaration receiver: (receiver_type (user_type . (type_identifier) @container))
  (simple_identifier) @name) @callable
(function_declaration (simple_identifier) @name) @callable
(secondary_constructor "constructor" @name) @constructor
(source_file (property_declaration (modifiers (property_modifier) @_is.const)
  (variable_declaration (simple_identifier) @name)) @constant)
(source_file (property_declaration (variable_declaration (simple_identifier) @name)) @variable)
(class_body (property_declaration (modifiers (property_modifier) @_is.const)
  (variable_declaration (simple_identifier) @name)) @constant)
(class_body (property_declaration (variable_declaration (simple_identifier) @name)) @property)
(enum_class_body (property_declaration (variable_declaration (simple_identifier) @name)) @property)
; A parameter of the class with val or var is a property.
(class_parameter (binding_pattern_kind) (simple_identifier) @name) @property
(enum_entry (simple_identifier) @name) @constant
(type_alias (type_identifier) @name) @type
(line_comment) @attached
(multiline_comment) @attached
(annotation) @attached
