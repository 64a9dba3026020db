(module_definition name: (identifier) @name) @module
(abstract_definition (type_head [(identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])])) @type
(primitive_definition (type_head [(identifier) @name (binary_expression . (identifier) @name)])) @type
(struct_definition (type_head [(identifier) @name
  (parametrized_type_expression . (identifier) @name)
  (binary_expression . [(identifier) @name (parametrized_type_expression . (identifier) @name)])])) @struct

; A signature may give the type of the result, conditions on types, or both; "Base.show" adds a method to show of Base.
(function_definition (signature [
  (identifier) @name
  (call_expression . [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)])
  (typed_expression . (call_expression .
    [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)]))
  (where_expression . (call_expression .
    [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)]))
  (where_expression . (typed_expression . (call_expression .
    [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)])))])) @member
(macro_definition (signature (call_expression . (identifier) @name))) @macro

; area(c) = pi * c.r^2
(assignment . [
  (call_expression . [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)])
  (typed_expression . (call_expression .
    [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)]))
  (where_expression . (call_expression .
    [(identifier) @name (operator) @name (field_expression value: (_) @container (identifier) @name)]))]) @member

; @enum Color red green
(macrocall_expression (macro_identifier (identifier) @_is.enum) (macro_argument_list . (identifier) @name)) @enum
(macrocall_expression (macro_identifier (identifier) @_is.enum) (macro_argument_list (identifier) @name @constant))

; Fields: x, x::T, const x::T, and with a default value.
(struct_definition (block (identifier) @name @field))
(struct_definition (block (typed_expression . (identifier) @name) @field))
(struct_definition (block (const_statement [(identifier) @name (typed_expression . (identifier) @name)]) @field))
(struct_definition (block (assignment . [(identifier) @name (typed_expression . (identifier) @name)]) @field))

; Constants and variables count only at the top of a file or of a module.
(const_statement (assignment . (identifier) @name)) @constant
(source_file (assignment . (identifier) @name (operator) (arrow_function_expression)) @function)
(module_definition (block (assignment . (identifier) @name (operator) (arrow_function_expression)) @function))
(source_file [(assignment . (identifier) @name) (global_statement (assignment . (identifier) @name))] @variable)
(module_definition (block
  [(assignment . (identifier) @name) (global_statement (assignment . (identifier) @name))] @variable))

; A string above a definition is its documentation.
(source_file (string_literal) @attached)
(module_definition (block (string_literal) @attached))
(line_comment) @attached
(block_comment) @attached
