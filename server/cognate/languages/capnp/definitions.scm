(struct (type_identifier) @name) @struct
(enum (enum_identifier) @name) @enum
(enum_field . (_) @name) @constant
(interface (type_identifier) @name) @interface
(method (method_identifier) @name) @method
(field (field_identifier) @name) @field
(const (const_identifier) @name) @constant
(comment) @attached
