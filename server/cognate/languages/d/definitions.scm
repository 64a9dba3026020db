(module_declaration (module_fqn) @name) @module
(class_declaration . (class) . (identifier) @name) @class
(interface_declaration . (interface) . (identifier) @name) @interface
(struct_declaration . (struct) . (identifier) @name) @struct
(union_declaration . (union) . (identifier) @name) @union
(template_declaration . (template) . (identifier) @name) @type
(enum_declaration . (enum) . (identifier) @name) @enum
(enum_member . (identifier) @name) @constant
(anonymous_enum_declaration (enum_member . (identifier) @name @constant))
(function_declaration (identifier) @name) @callable
(auto_declaration (identifier) @name) @variable
(constructor . (this) @name) @constructor
(manifest_declarator . (identifier) @name) @constant
(alias_declaration (alias_initializer . (identifier) @name)) @type
(alias_declaration (identifier) @name) @type
(aggregate_body (variable_declaration (declarator . (identifier) @name) @field))
(variable_declaration (declarator . (identifier) @name) @variable)
(comment) @attached
