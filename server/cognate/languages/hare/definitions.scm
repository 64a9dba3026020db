(type_declaration . (identifier) @name (struct_type)) @struct
(type_declaration . (identifier) @name (union_type)) @union
(type_declaration . (identifier) @name (enum_type)) @enum
(type_declaration . (identifier) @name) @type
(enum_field . (identifier) @name) @constant
(field . (identifier) @name) @field
(constant_declaration . (identifier) @name) @constant
(module (declarations (global_declaration (global_binding . (identifier) @name) @variable)))
(function_declaration name: (identifier) @name) @callable
(comment) @attached
