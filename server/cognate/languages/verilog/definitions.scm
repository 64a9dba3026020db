; Modules, classes, functions and parameters are told by their lines, since macros hide them from the parser: see
; outline.json.
; "typedef class driver;" only announces a class.
(type_declaration "class" (simple_identifier) @name) @import
(type_declaration (data_type "enum") (simple_identifier) @name) @enum
(type_declaration (data_type (struct_union)) (simple_identifier) @name) @struct
(type_declaration (simple_identifier) @name .) @type
(enum_name_declaration (enum_identifier) @name) @constant
(text_macro_definition (text_macro_name (text_macro_identifier) @name)) @macro
(comment) @attached
