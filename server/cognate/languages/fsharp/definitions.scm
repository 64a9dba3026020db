(named_module name: (long_identifier) @name) @module
(namespace name: (long_identifier) @name) @namespace
(module_defn (identifier) @name) @module

(record_type_defn (type_name type_name: (_) @name)) @struct
(record_field (identifier) @name) @field
(union_type_defn (type_name type_name: (_) @name)) @union
; "type Id = int" looks like a union of one case.
(union_type_case (identifier) @name @_not.int-or-string-or-float-or-bool-or-byte-or-char-or-obj-or-unit) @constructor
(enum_type_defn (type_name type_name: (_) @name)) @enum
(enum_type_case (identifier) @name) @constant
(delegate_type_defn (type_name type_name: (_) @name)) @type
(type_abbrev_defn (type_name type_name: (_) @name)) @type
(interface_type_defn (type_name type_name: (_) @name)) @interface
(anon_type_defn (type_name type_name: (_) @name)) @class
(type_extension (type_name type_name: (_) @name)) @scope
(exception_definition exception_name: (long_identifier) @name) @class

(member_defn (method_or_prop_defn name: (property_or_ident method: (identifier) @name) args: (_))) @method
(member_defn (method_or_prop_defn name: (property_or_ident . (identifier) @name .) args: (_))) @method
(member_defn (method_or_prop_defn name: (property_or_ident method: (identifier) @name))) @property
(member_defn (method_or_prop_defn name: (property_or_ident . (identifier) @name .))) @property
(member_defn (property_or_ident (identifier) @name .)) @property
(member_defn (member_signature (identifier) @name)) @method
(member_defn . (identifier) @name) @field
(additional_constr_defn "new" @name) @constructor
; "let rec a … and b …" is one node with several names; each reaches from its name to its body.
(function_or_value_defn (function_declaration_left [(identifier) (active_pattern) (op_identifier)] @name) @callable
  body: (_) @callable)
(function_or_value_defn (value_declaration_left (identifier_pattern (long_identifier_or_op (identifier) @name)))
  body: (fun_expression)) @callable
; Values count only outside of functions and of other values.
(named_module (declaration_expression (function_or_value_defn (value_declaration_left
  (identifier_pattern (long_identifier_or_op (identifier) @name))))) @variable)
(namespace (declaration_expression (function_or_value_defn (value_declaration_left
  (identifier_pattern (long_identifier_or_op (identifier) @name))))) @variable)
(module_defn (declaration_expression (function_or_value_defn (value_declaration_left
  (identifier_pattern (long_identifier_or_op (identifier) @name))))) @variable)
(file (declaration_expression (function_or_value_defn (value_declaration_left
  (identifier_pattern (long_identifier_or_op (identifier) @name))))) @variable)
(type_extension_elements (function_or_value_defn (value_declaration_left
  (identifier_pattern (long_identifier_or_op (identifier) @name)))) @field)
(attributes) @attached
(line_comment) @attached
(block_comment) @attached
