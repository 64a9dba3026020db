(module_declaration name: (upper_case_qid) @name) @module
(value_declaration functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name . (_))) @function
(file (value_declaration functionDeclarationLeft: (function_declaration_left . (lower_case_identifier) @name))
  @function)
(type_declaration name: (upper_case_identifier) @name) @type
(type_alias_declaration name: (upper_case_identifier) @name) @type
(union_variant name: (upper_case_identifier) @name) @constructor
(type_alias_declaration typeExpression: (type_expression part: (record_type
  fieldType: (field_type name: (lower_case_identifier) @name) @field)))
(port_annotation name: (lower_case_identifier) @name) @function
(type_annotation) @attached
(line_comment) @attached
(block_comment) @attached
