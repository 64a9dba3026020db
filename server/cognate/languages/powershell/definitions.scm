(function_statement (function_name) @name) @function
(class_statement . (simple_name) @name) @class
(enum_statement . (simple_name) @name) @enum
(enum_member . (simple_name) @name) @constant
(class_method_definition (simple_name) @name) @member
(class_property_definition (variable) @name) @property
; $name = { … } is a function, all else is a variable, which counts only outside of functions.
(assignment_expression (left_assignment_expression (logical_expression (bitwise_expression (comparison_expression
  (additive_expression (multiplicative_expression (format_expression (range_expression (array_literal_expression
  (unary_expression (variable) @name))))))))))
  value: (pipeline (pipeline_chain (logical_expression (bitwise_expression (comparison_expression
  (additive_expression (multiplicative_expression (format_expression (range_expression (array_literal_expression
  (unary_expression (script_block_expression))))))))))))) @function
(program (statement_list (pipeline (assignment_expression (left_assignment_expression (logical_expression
  (bitwise_expression (comparison_expression (additive_expression (multiplicative_expression (format_expression
  (range_expression (array_literal_expression (unary_expression (variable) @name))))))))))) @variable)))
(comment) @attached
