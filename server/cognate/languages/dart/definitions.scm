; A body stands beside its signature, so the kind is on both.
(class_definition name: (identifier) @name) @class
(mixin_declaration (identifier) @name) @trait
(extension_type_declaration name: (identifier) @name) @class
(extension_declaration name: (identifier) @name) @class
(enum_declaration name: (identifier) @name) @enum
(enum_constant name: (identifier) @name) @constant
(type_alias (type_identifier) @name .) @type
(type_alias . (type_identifier) @name) @type
(type_alias (type_identifier) @name . (formal_parameter_list)) @type
((method_signature (function_signature name: (identifier) @name)) @callable . (function_body) @callable)
((method_signature (getter_signature name: (identifier) @name)) @property . (function_body) @property)
((method_signature (setter_signature name: (identifier) @name)) @property . (function_body) @property)
((method_signature (operator_signature (binary_operator) @name)) @method . (function_body) @method)
((method_signature (factory_constructor_signature (identifier) @name . (formal_parameter_list))) @constructor
  . (function_body) @constructor)
((method_signature (constructor_signature name: (identifier) @name . (formal_parameter_list))) @constructor
  . (function_body) @constructor)
(constructor_signature name: (identifier) @name . (formal_parameter_list)) @constructor
(redirecting_factory_constructor_signature (identifier) @name . (formal_parameter_list)) @constructor
(factory_constructor_signature (identifier) @name . (formal_parameter_list)) @constructor
((function_signature name: (identifier) @name) @callable . (function_body) @callable)
((getter_signature name: (identifier) @name) @callable . (function_body) @callable)
((setter_signature name: (identifier) @name) @callable . (function_body) @callable)
(lambda_expression parameters: (function_signature name: (identifier) @name)) @callable
(class_body (declaration (function_signature name: (identifier) @name)) @callable)
(class_body (declaration (getter_signature name: (identifier) @name)) @property)
(class_body (declaration (initialized_identifier_list (initialized_identifier . (identifier) @name))) @field)
(class_body (declaration (static_final_declaration_list (static_final_declaration . (identifier) @name))) @field)
(program (initialized_identifier_list (initialized_identifier . (identifier) @name)) @variable)
(program (const_builtin) . (_)? . (static_final_declaration_list (static_final_declaration . (identifier) @name))
  @constant)
(program (static_final_declaration_list (static_final_declaration . (identifier) @name)) @variable)
; Titles of tests.
(expression_statement (identifier) @_is.test-or-group-or-testWidgets
  (selector (argument_part (arguments . (argument (string_literal) @name))))) @function
(annotation) @attached
(comment) @attached
(documentation_comment) @attached
