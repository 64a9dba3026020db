(object_type_definition (name) @name) @class
(input_object_type_definition (name) @name) @struct
(interface_type_definition (name) @name) @interface
(enum_type_definition (name) @name) @enum
(enum_value_definition (enum_value (name) @name)) @constant
(union_type_definition (name) @name) @union
(scalar_type_definition (name) @name) @type
(directive_definition (name) @name) @function
(object_type_extension (name) @name) @scope
(interface_type_extension (name) @name) @scope
(input_object_type_extension (name) @name) @scope
(enum_type_extension (name) @name) @scope
(field_definition (name) @name) @field
(input_fields_definition (input_value_definition (name) @name) @field)
(operation_definition (name) @name) @function
(fragment_definition (fragment_name (name) @name)) @function
(comment) @attached
