; A binding with parameters, or to a function, is a function wherever it stands.
(let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)] (parameter)) @callable
(let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]
  body: [(fun_expression) (function_expression)]) @callable
; Other bindings count only in modules.
(compilation_unit (value_definition (let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]) @variable))
(structure (value_definition (let_binding pattern: [(value_name) @name (parenthesized_operator (_) @name)]) @variable))
; let%test "title" = ...
(value_definition (attribute_id) (let_binding pattern: (string (string_content) @name)) @function)
(method_definition (method_name) @name) @method
(instance_variable_definition (instance_variable_name) @name) @field
; include: ocaml/shared.scm
