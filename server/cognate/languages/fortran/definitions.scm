(module (module_statement (name) @name)) @module
(submodule (submodule_statement (name) @name .)) @module
(program (program_statement (name) @name)) @module
(block_data (block_data_statement (name) @name)) @module
(subroutine (subroutine_statement name: (name) @name)) @function
(function (function_statement name: (name) @name)) @function
(module_procedure (module_procedure_statement name: (name) @name)) @function
(interface (interface_statement (name) @name)) @interface
(interface (interface_statement (operator) @name)) @interface
(derived_type_definition (derived_type_statement (type_name) @name)) @struct
(derived_type_definition (variable_declaration declarator: [
  (identifier) @name
  (init_declarator left: (identifier) @name)
  (sized_declarator (identifier) @name)
  (init_declarator left: (sized_declarator (identifier) @name))]) @field)
(derived_type_procedures (procedure_statement declarator: (binding (binding_name (_) @name)) ) @method)
(derived_type_procedures (procedure_statement declarator: (method_name) @name) @method)
(enumerator_statement declarator: [(init_declarator left: (identifier) @name) (identifier) @name]) @constant
(module (variable_declaration attribute: (type_qualifier) @_is.parameter-or-PARAMETER declarator: [
  (init_declarator left: (identifier) @name)
  (init_declarator left: (sized_declarator (identifier) @name))]) @constant)
(module (variable_declaration declarator: [
  (identifier) @name
  (init_declarator left: (identifier) @name)
  (sized_declarator (identifier) @name)
  (init_declarator left: (sized_declarator (identifier) @name))]) @variable)
(comment) @attached
