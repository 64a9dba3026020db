(struct_definition . type: (identifier) @name) @struct
(union_definition . type: (identifier) @name) @union
(exception_definition . (identifier) @name) @class
(enum_definition . type: (identifier) @name) @enum
(enum_definition (identifier) @name @constant)
(service_definition . type: (identifier) @name) @interface
(function_definition (type) . (identifier) @name) @method
(function_definition . (identifier) @name) @method
(const_definition (identifier) @name) @constant
(typedef_definition (typedef_identifier) @name) @type
(field (identifier) @name) @field
(comment) @attached
