; What implementations and interfaces of OCaml define in the same words.
(type_binding name: (type_constructor) @name) @type
(exception_definition (constructor_declaration (constructor_name) @name)) @class
(constructor_declaration (constructor_name) @name) @constant
(field_declaration (field_name) @name) @field
(module_binding (module_name) @name) @module
(module_type_definition (module_type_name) @name) @interface
(class_binding (class_name) @name) @class
(class_type_binding (class_type_name) @name) @interface
(method_specification (method_name) @name) @method
(instance_variable_specification (instance_variable_name) @name) @field
(value_specification [(value_name) @name (parenthesized_operator (_) @name)]) @function
(external (value_name) @name) @function
(external (parenthesized_operator (_) @name)) @function
(comment) @attached
(attribute) @attached
