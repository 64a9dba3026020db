; A function stands in equations, one below the other.
(declarations (function name: (_) @name) @equation)
(declarations (function (infix operator: (_) @name)) @equation)
(declarations (bind name: (variable) @name match: (match expression: (literal))) @constant)
(declarations (bind name: (variable) @name) @equation)
(header module: (module) @name) @module
(data_type name: (_) @name) @type
(newtype name: (_) @name) @type
(type_synomym name: (_) @name) @type
(type_family name: (_) @name) @type
(data_family name: (_) @name) @type
(pattern_synonym (equation synonym: (apply . function: (constructor) @name))) @constructor
(pattern_synonym (equation synonym: (constructor) @name)) @constructor
(gadt_constructor name: (constructor) @name) @constructor
(foreign_import signature: (signature name: (variable) @name)) @function
(data_constructor (prefix name: (constructor) @name @constructor))
(data_constructor (record name: (constructor) @name @constructor))
(newtype_constructor name: (constructor) @name @constructor)
(field name: (field_name) @name) @field
(class name: (_) @name) @interface
; The signatures of a class are its methods; elsewhere a signature belongs to the equation below it.
(class_declarations (signature name: (variable) @name) @method)
(instance name: (_) @name) @scope
(instance_declarations (function name: (_) @name) @equation)
(instance_declarations (bind name: (variable) @name) @equation)
(declarations (signature) @attached)
(instance_declarations (signature) @attached)
(comment) @attached
(haddock) @attached
(pragma) @attached
