"""Definition queries for Java, Kotlin, C# and Scala."""

_JAVA = """
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(annotation_type_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_constant name: (identifier) @name) @constant
(method_declaration name: (identifier) @name) @method
(annotation_type_element_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @constructor
(compact_constructor_declaration name: (identifier) @name) @constructor
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
(line_comment) @attached
(block_comment) @attached
(annotation) @attached
(marker_annotation) @attached
"""

_KOTLIN = """
(class_declaration "interface" (type_identifier) @name) @interface
(class_declaration "enum" (type_identifier) @name) @enum
(class_declaration (type_identifier) @name) @class
(object_declaration (type_identifier) @name) @class
(function_declaration receiver: (receiver_type (user_type . (type_identifier) @container))
  (simple_identifier) @name) @callable
(function_declaration (simple_identifier) @name) @callable
(secondary_constructor "constructor" @name) @constructor
(source_file (property_declaration (modifiers (property_modifier) @_is.const)
  (variable_declaration (simple_identifier) @name)) @constant)
(source_file (property_declaration (variable_declaration (simple_identifier) @name)) @variable)
(class_body (property_declaration (modifiers (property_modifier) @_is.const)
  (variable_declaration (simple_identifier) @name)) @constant)
(class_body (property_declaration (variable_declaration (simple_identifier) @name)) @property)
(enum_class_body (property_declaration (variable_declaration (simple_identifier) @name)) @property)
(class_parameter (binding_pattern_kind) (simple_identifier) @name) @property
(enum_entry (simple_identifier) @name) @constant
(type_alias (type_identifier) @name) @type
(line_comment) @attached
(multiline_comment) @attached
(annotation) @attached
"""

_CSHARP = """
(namespace_declaration name: (_) @name) @namespace
(file_scoped_namespace_declaration name: (_) @name) @namespace
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @struct
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(enum_member_declaration name: (identifier) @name) @constant
(delegate_declaration name: (identifier) @name) @type
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @constructor
(local_function_statement name: (identifier) @name) @function
(operator_declaration operator: _ @name) @method
(indexer_declaration "this" @name) @property
(property_declaration name: (identifier) @name) @property
(event_declaration name: (identifier) @name) @property
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @property
(field_declaration (modifier) @_is.const
  (variable_declaration (variable_declarator name: (identifier) @name))) @constant
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(comment) @attached
(attribute_list) @attached
"""

_SCALA = """
(class_definition name: (_) @name) @class
(object_definition name: (_) @name) @class
(trait_definition name: (_) @name) @trait
(enum_definition name: (_) @name) @enum
(simple_enum_case name: (_) @name) @constant
(full_enum_case name: (_) @name) @constant
(function_definition name: (_) @name) @callable
(function_declaration name: (_) @name) @callable
(type_definition name: (_) @name) @type
(given_definition name: (_) @name) @variable
(template_body (val_definition pattern: (identifier) @name) @field)
(template_body (var_definition pattern: (identifier) @name) @field)
(template_body (val_declaration name: (identifier) @name) @field)
(template_body (var_declaration name: (identifier) @name) @field)
(compilation_unit (val_definition pattern: (identifier) @name) @constant)
(compilation_unit (var_definition pattern: (identifier) @name) @variable)
(comment) @attached
(block_comment) @attached
(annotation) @attached
"""

QUERIES = {
    "java": _JAVA,
    "kotlin": _KOTLIN,
    "csharp": _CSHARP,
    "scala": _SCALA,
}
