(contract_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(library_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @struct
(struct_member name: (identifier) @name) @field
(enum_declaration name: (identifier) @name) @enum
(enum_value) @name @constant
(event_definition name: (identifier) @name) @type
(error_declaration name: (identifier) @name) @type
(user_defined_type_definition name: (identifier) @name) @type
(function_definition name: (identifier) @name) @callable
(modifier_definition name: (identifier) @name) @callable
(constructor_definition "constructor" @name) @constructor
(fallback_receive_definition ["fallback" "receive"] @name) @callable
(state_variable_declaration name: (identifier) @name) @field
(constant_variable_declaration name: (identifier) @name) @constant
(comment) @attached
