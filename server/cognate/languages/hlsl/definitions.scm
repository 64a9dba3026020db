(declaration type: (type_identifier) @_is.cbuffer-or-tbuffer declarator: (identifier) @name) @struct
(function_definition type: (type_identifier) @_is.technique-or-technique10-or-technique11-or-pass
  declarator: (identifier) @name) @function
(translation_unit (declaration declarator: (identifier) @name) @variable)
(translation_unit (declaration declarator: (init_declarator declarator: (identifier) @name)) @variable)
; include: cpp/definitions.scm
