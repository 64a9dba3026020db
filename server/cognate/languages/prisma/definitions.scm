(model_block . (identifier) @name) @table
(model_field field_name: (identifier) @name) @field
(enum_block . (identifier) @name) @enum
(enum_block (identifier) @name @constant)
(key_value_block . (identifier) @name) @module
(comment) @attached
(document_comment) @attached
