; The grammar reads values well, and few types.
(value_definition (value_declaration_left (identifier_pattern (long_identifier_or_op
  [(identifier) (op_identifier)] @name))) (function_type)) @prototype
(value_definition (value_declaration_left (identifier_pattern (long_identifier_or_op (identifier) @name)))) @variable
(member_defn (member_signature (identifier) @name)) @method
(line_comment) @attached
(block_comment) @attached
