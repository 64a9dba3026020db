(module_attribute name: (_) @name) @module
; A function stands in clauses, one below the other.
(fun_decl clause: (function_clause name: (_) @name)) @equation
(pp_define lhs: (macro_lhs name: (_) @name)) @macro
(record_decl name: (_) @name) @struct
(record_decl fields: (record_field name: (_) @name) @field)
(type_alias name: (type_name name: (_) @name)) @type
(opaque name: (type_name name: (_) @name)) @type
(callback fun: (_) @name) @function
(spec) @attached
(comment) @attached
