(function name: (identifier) @name) @function
(type_definition (type_name name: (type_identifier) @name)) @type
(type_alias (type_name name: (type_identifier) @name)) @type
(data_constructor name: (constructor_name) @name) @constructor
(data_constructor_argument label: (label) @name) @field
(constant name: (identifier) @name) @constant
(statement_comment) @attached
(comment) @attached
(attribute) @attached
