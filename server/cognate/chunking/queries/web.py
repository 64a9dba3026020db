"""Definition queries for JavaScript, TypeScript, HTML and CSS."""

_SCRIPT = """
(method_definition name: (property_identifier) @name @_is.constructor) @constructor

(assignment_expression left: (member_expression
  object: (identifier) @_is.module property: (property_identifier) @name @_is.exports)) @import
(variable_declarator name: (identifier) @name
  value: (call_expression function: (identifier) @_is.require)) @import
(variable_declarator name: (identifier) @name
  value: (member_expression object: (call_expression function: (identifier) @_is.require))) @import

(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(method_definition name: [(property_identifier) (private_property_identifier) (string)] @name) @method
(assignment_expression
  left: (member_expression object: (identifier) @_is.module property: (property_identifier) @_is.exports)
  right: (function_expression name: (identifier) @name)) @function
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name)
  right: [(function_expression) (generator_function) (arrow_function)]) @callable
(assignment_expression
  left: (member_expression object: (_) @container property: (property_identifier) @name) right: (class)) @class
(assignment_expression left: (identifier) @name
  right: [(function_expression) (generator_function) (arrow_function)]) @function
(lexical_declaration (variable_declarator name: (identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)])) @function
(variable_declaration (variable_declarator name: (identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)])) @function
(lexical_declaration (variable_declarator name: (identifier) @name value: (class))) @class
(variable_declaration (variable_declarator name: (identifier) @name value: (class))) @class

(variable_declarator value: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))
(assignment_expression right: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))
(export_statement value: (object (pair key: (property_identifier) @name
  value: [(function_expression) (generator_function) (arrow_function)]) @method))

(program (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)) @constant)
(program (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(export_statement (lexical_declaration kind: "const" (variable_declarator name: (identifier) @name)) @constant)
(export_statement (lexical_declaration (variable_declarator name: (identifier) @name)) @variable)
(export_statement (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.exports property: (property_identifier) @name)) @variable))
(program (expression_statement (assignment_expression
  left: (member_expression object: (_) @_is.module.exports property: (property_identifier) @name)) @variable))

(comment) @attached
(decorator) @attached
"""

_JAVASCRIPT = (
    _SCRIPT
    + """
(class_declaration name: (identifier) @name) @class
(class name: (identifier) @name) @class
(field_definition property: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @method
(field_definition property: [(property_identifier) (private_property_identifier)] @name) @field
"""
)

_TYPESCRIPT = (
    _SCRIPT
    + """
(class_declaration name: (type_identifier) @name) @class
(abstract_class_declaration name: (type_identifier) @name) @class
(class name: (type_identifier) @name) @class
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name
  value: [(arrow_function) (function_expression)]) @method
(public_field_definition name: [(property_identifier) (private_property_identifier)] @name) @field
(abstract_method_signature name: (property_identifier) @name) @method
(class_body (method_signature name: (property_identifier) @name) @method)
(function_signature name: (identifier) @name) @function
(interface_declaration name: (type_identifier) @name) @interface
(interface_body (property_signature name: (property_identifier) @name) @field)
(interface_body (method_signature name: (property_identifier) @name) @method)
(type_alias_declaration name: (type_identifier) @name) @type
(type_alias_declaration value: (object_type (property_signature name: (property_identifier) @name) @field))
(enum_declaration name: (identifier) @name) @enum
(enum_body name: (property_identifier) @name @constant)
(enum_assignment name: (property_identifier) @name) @constant
(internal_module name: (_) @name) @namespace
(module name: (_) @name) @module
(ambient_declaration (lexical_declaration (variable_declarator name: (identifier) @name)) @constant)
(ambient_declaration (variable_declaration (variable_declarator name: (identifier) @name)) @variable)
(internal_module body: (statement_block (lexical_declaration
  (variable_declarator name: (identifier) @name)) @constant))
"""
)

_HTML_TAGS = ("element", "script_element", "style_element")
_HTML_VALUES = ("(quoted_attribute_value (attribute_value) @name)", "(attribute_value) @name")
_HTML = "\n".join(
    [
        f"({tag} ({start} (attribute (attribute_name) @_is.id {value}))) @field"
        for tag in _HTML_TAGS
        for start in (("start_tag", "self_closing_tag") if tag == "element" else ("start_tag",))
        for value in _HTML_VALUES
    ]
    + ["(comment) @attached"]
)

_CSS = """
(rule_set (selectors) @name) @rule
(keyframes_statement (keyframes_name) @name) @rule
(comment) @attached
"""

_SCSS = (
    _CSS
    + """
(mixin_statement name: (identifier) @name) @function
(function_statement name: (identifier) @name) @function
"""
)

QUERIES = {
    "html": _HTML,
    "css": _CSS,
    "scss": _SCSS,
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
}
