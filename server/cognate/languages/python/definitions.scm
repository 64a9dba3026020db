(function_definition name: (identifier) @name) @callable
(class_definition name: (identifier) @name) @class
; Variables count only at the top of a file or of a class.
(module (assignment left: (identifier) @name right: (lambda)) @function)
(module (assignment left: (identifier) @name) @variable)
(module (assignment left: (pattern_list (identifier) @name)) @variable)
(module (type_alias_statement left: (type) @name) @type)
(class_definition body: (block (assignment left: (identifier) @name) @field))
(comment) @attached
(decorator) @attached
