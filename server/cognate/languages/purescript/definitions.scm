(purescript (qualified_module) @name @module)
; A function stands in equations, one below the other.
(purescript (function name: (variable) @name) @equation)
(data name: (type) @name) @type
(data (constructor) @name @constructor)
(newtype name: (type) @name) @type
(newtype_constructor . (constructor) @name) @constructor
(type_alias name: (type) @name) @type
(class_declaration (class_head (class_name) @name)) @interface
(class_body (signature name: (variable) @name) @method)
(class_instance (instance_head . (class_name) @name)) @scope
(class_instance (function name: (variable) @name) @equation)
(foreign_import name: (_) @name) @function
(operator_declaration (operator) @name) @function
(purescript (signature) @attached)
(comment) @attached
