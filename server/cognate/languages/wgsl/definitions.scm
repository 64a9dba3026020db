(struct_declaration name: (identifier) @name) @struct
(struct_member (variable_identifier_declaration name: (identifier) @name)) @field
(function_declaration name: (identifier) @name) @function
(global_variable_declaration (variable_declaration (variable_identifier_declaration name: (identifier) @name)))
  @variable
(global_constant_declaration (variable_identifier_declaration name: (identifier) @name)) @constant
(type_alias_declaration . (identifier) @name) @type
(line_comment) @attached
(block_comment) @attached
