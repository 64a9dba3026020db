(message (message_name (identifier) @name)) @struct
(enum (enum_name (identifier) @name)) @enum
(enum_field (identifier) @name) @constant
(service (service_name (identifier) @name)) @interface
(rpc (rpc_name (identifier) @name)) @method
(extend (full_ident) @name) @scope
(field (identifier) @name . (field_number)) @field
(map_field (identifier) @name . (field_number)) @field
(oneof_field (identifier) @name . (field_number)) @field
(oneof (identifier) @name) @field
(package (full_ident) @name) @namespace
(comment) @attached
