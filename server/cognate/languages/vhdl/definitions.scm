(entity_declaration name: (_) @name) @class
(architecture_body name: (_) @name entity: (_) @container) @module
(package_declaration name: (_) @name) @module
(package_instantiation_declaration name: (_) @name) @module
(package_body package: (_) @name) @module
(configuration_declaration name: (_) @name) @module
(context_declaration name: (_) @name) @module
(component_declaration name: (_) @name) @interface
(function_body designator: (_) @name) @function
(procedure_body designator: (_) @name) @function
(function_declaration designator: (_) @name) @prototype
(procedure_declaration designator: (_) @name) @prototype
(full_type_declaration name: (_) @name (record_type_definition)) @struct
(full_type_declaration name: (_) @name (enumeration_type_definition)) @enum
(full_type_declaration name: (_) @name) @type
(subtype_declaration name: (_) @name) @type
(enumeration_type_definition literal: (identifier) @name @constant)
(element_declaration (identifier_list (identifier) @name)) @field
(constant_declaration (identifier_list (identifier) @name)) @constant
(process_statement . (label (identifier) @name)) @function
(comment) @attached
