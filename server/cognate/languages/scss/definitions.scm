; include: css/definitions.scm

(mixin_statement name: (identifier) @name) @function
(function_statement name: (identifier) @name) @function
