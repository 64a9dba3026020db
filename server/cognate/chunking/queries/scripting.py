"""Definition queries for Python, Ruby, PHP, Lua and Bash."""

_PYTHON = """
(function_definition name: (identifier) @name) @callable
(class_definition name: (identifier) @name) @class
(module (assignment left: (identifier) @name right: (lambda)) @function)
(module (assignment left: (identifier) @name) @variable)
(module (assignment left: (pattern_list (identifier) @name)) @variable)
(module (type_alias_statement left: (type) @name) @type)
(class_definition body: (block (assignment left: (identifier) @name) @field))
(comment) @attached
(decorator) @attached
"""

_RUBY = """
(program (method name: (_) @name) @function)
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(class name: (_) @name) @class
(module name: (_) @name) @module
(assignment left: (constant) @name right: (call receiver: (constant) @_is.Struct)) @class
(assignment left: (constant) @name) @constant
(call method: (identifier) @_is.attr_accessor-or-attr_reader-or-attr_writer
  arguments: (argument_list (simple_symbol) @name)) @property
(comment) @attached
"""

_PHP = """
(method_declaration name: (name) @name @_is.__construct) @constructor
(method_declaration name: (name) @name) @method
(function_definition name: (name) @name) @function
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(enum_case name: (name) @name) @constant
(namespace_definition name: (namespace_name) @name) @namespace
(const_declaration (const_element (name) @name)) @constant
(property_declaration (property_element name: (variable_name (name) @name))) @property
(expression_statement (function_call_expression function: (name) @_is.define
  arguments: (arguments . (argument [(string) (encapsed_string)] @name)))) @constant
(program (expression_statement (assignment_expression left: (variable_name (name) @name)
  right: [(anonymous_function) (arrow_function)])) @function)
(program (expression_statement (assignment_expression left: (variable_name (name) @name))) @variable)
(comment) @attached
(attribute_list) @attached
"""

_LUA = """
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_call name: (identifier) @_is.require)))) @import)
(function_declaration name: (identifier) @name) @function
(function_declaration name: (dot_index_expression table: (_) @container field: (identifier) @name)) @function
(function_declaration name: (method_index_expression table: (_) @container method: (identifier) @name)) @method
(variable_declaration (assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_definition)))) @function
(assignment_statement (variable_list name: (identifier) @name)
  (expression_list value: (function_definition))) @function
(assignment_statement
  (variable_list name: (dot_index_expression table: (_) @container field: (identifier) @name))
  (expression_list value: (function_definition))) @function
(field name: (identifier) @name value: (function_definition)) @method
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @name))) @variable)
(chunk (assignment_statement (variable_list name: (identifier) @name)) @variable)
(chunk (assignment_statement
  (variable_list name: (dot_index_expression table: (_) @container field: (identifier) @name))) @field)
(comment) @attached
"""

_BASH = """
(function_definition name: (word) @name) @function
(program (declaration_command "readonly" (variable_assignment name: (variable_name) @name)) @constant)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @variable)
(program (variable_assignment name: (variable_name) @name) @variable)
(comment) @attached
"""

QUERIES = {
    "python": _PYTHON,
    "ruby": _RUBY,
    "php": _PHP,
    "lua": _LUA,
    "luau": _LUA,
    "bash": _BASH,
}
