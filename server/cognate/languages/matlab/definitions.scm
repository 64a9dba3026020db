(class_definition name: (identifier) @name) @class
(property name: (identifier) @name) @property
(enum . (identifier) @name) @constant
(function_definition name: (_) @name) @member
(function_signature name: (_) @name) @prototype
(comment) @attached
