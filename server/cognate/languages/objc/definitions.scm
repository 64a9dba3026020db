; NS_ENUM(...) { A, B } is no enum to the parser; its constants come out as names of a type.
(type_definition type: (macro_type_specifier) declarator: (type_identifier) @name @constant)
; include: c/shared.scm
; Classes, protocols and methods are told by their lines, since macros such as NS_ASSUME_NONNULL_BEGIN hide them from
; the parser: see outline.json.
(struct_specifier name: (type_identifier) @name body: (_)) @struct
(function_definition declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))]) @function
(translation_unit (declaration declarator: [
  (function_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))]) @prototype)
(property_declaration (struct_declaration (struct_declarator [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)
  (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @name))
  (function_declarator declarator: (parenthesized_declarator
    (block_pointer_declarator declarator: (identifier) @name)))]))) @property
(instance_variable (struct_declaration (struct_declarator [
  (identifier) @name
  (pointer_declarator declarator: (identifier) @name)]))) @field
(type_definition declarator: (function_declarator declarator: (parenthesized_declarator
  (block_pointer_declarator declarator: (type_identifier) @name)))) @type
(method_definition) @local
