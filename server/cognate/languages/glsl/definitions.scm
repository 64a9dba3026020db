; uniform Block { … } name;
(declaration (identifier) @name . (field_declaration_list)) @struct
(translation_unit (declaration (type_qualifier) @_is.const declarator: (init_declarator declarator: (identifier)
  @name)) @constant)
(translation_unit (declaration declarator: (identifier) @name) @variable)
; include: c/definitions.scm
