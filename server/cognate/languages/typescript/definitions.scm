; include: javascript/shared.scm

(class_declaration name: (type_identifier) @name) @class
(abstract_class_declaration name: (type_identifier) @name) @class
(class name: (type_identifier) @name) @class
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @method
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name) @field
(abstract_method_signature name: (property_identifier) @name) @method
(class_body (method_signature name: (property_identifier) @name) @method)
(function_signature name: (identifier) @name) @function
(interface_declaration name: (type_identifier) @name) @interface
(interface_body (property_signature name: (property_identifier) @name) @field)
(interface_body (method_signature name: (property_identifier) @name) @method)
(type_alias_declaration name: (type_identifier) @name) @type
(type_alias_declaration value: (object_type (property_signature name: (property_identifier) @name) @field))
(enum_declaration name: (identifier) @name) @enum
(enum_body name: (property_identifier) @name @constant)
(enum_assignment name: (property_identifier) @name) @constant
(internal_module name: (_) @name) @namespace
(module name: (_) @name) @module
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name)) @constant)
(ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(internal_module body: (statement_block (lexical_declaration
  (variable_declarator name: (identifier) @name)) @constant))
