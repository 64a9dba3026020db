; The grammar calls structs, enums, extensions and actors class declarations, too.
(class_declaration "struct" name: (type_identifier) @name) @struct
(class_declaration "enum" name: (type_identifier) @name) @enum
(class_declaration "extension" name: (user_type) @name) @scope
(class_declaration name: (type_identifier) @name) @class
(protocol_declaration name: (type_identifier) @name) @interface
; The result of a function has the field "name", too.
(function_declaration "func" . name: _ @name) @callable
(protocol_function_declaration "func" . name: _ @name) @method
(init_declaration "init" @name) @constructor
(deinit_declaration "deinit" @name) @method
(subscript_declaration "subscript" @name) @method
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property)
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property
; Variables count only at the top of a file.
(source_file (property_declaration (value_binding_pattern "let")
  name: (pattern bound_identifier: (simple_identifier) @name)) @constant)
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @variable)
(enum_entry name: (simple_identifier) @name) @constant
(typealias_declaration name: (type_identifier) @name) @type
(comment) @attached
(multiline_comment) @attached
(attribute) @attached
