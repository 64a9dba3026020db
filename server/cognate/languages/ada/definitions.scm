(package_declaration name: [(identifier) (selected_component) (string_literal)] @name) @module
(package_body name: [(identifier) (selected_component) (string_literal)] @name) @module
(package_renaming_declaration name: [(identifier) (selected_component) (string_literal)] @name) @module
(generic_instantiation "package" name: [(identifier) (selected_component) (string_literal)] @name) @module
(generic_instantiation name: [(identifier) (selected_component) (string_literal)] @name) @function
(subprogram_body [(procedure_specification name: [(identifier) (selected_component) (string_literal)] @name)
  (function_specification name: [(identifier) (selected_component) (string_literal)] @name)]) @callable
(expression_function_declaration (function_specification name: [(identifier) (selected_component) (string_literal)]
  @name)) @callable
(null_procedure_declaration (procedure_specification name: [(identifier) (selected_component) (string_literal)]
  @name)) @function
(subprogram_renaming_declaration [(procedure_specification name: [(identifier) (selected_component) (string_literal)]
  @name) (function_specification name: [(identifier) (selected_component) (string_literal)] @name)]) @callable
(generic_subprogram_declaration [(procedure_specification name: [(identifier) (selected_component) (string_literal)]
  @name) (function_specification name: [(identifier) (selected_component) (string_literal)] @name)]) @callable
(subprogram_declaration [(procedure_specification name: [(identifier) (selected_component) (string_literal)] @name)
  (function_specification name: [(identifier) (selected_component) (string_literal)] @name)]) @prototype
(subprogram_body_stub [(procedure_specification name: [(identifier) (selected_component) (string_literal)] @name)
  (function_specification name: [(identifier) (selected_component) (string_literal)] @name)]) @prototype
(entry_declaration entry_name: (identifier) @name) @prototype
(entry_body . (identifier) @name) @method
(full_type_declaration . (identifier) @name [(record_type_definition) (derived_type_definition
  (record_extension_part))]) @struct
(full_type_declaration . (identifier) @name (enumeration_type_definition)) @enum
(full_type_declaration . (identifier) @name (interface_type_definition)) @interface
(full_type_declaration . (identifier) @name) @type
(enumeration_type_definition (identifier) @name @constant)
(private_type_declaration . (identifier) @name) @type
(private_extension_declaration . (identifier) @name) @type
(incomplete_type_declaration . (identifier) @name) @type
(subtype_declaration . (identifier) @name) @type
(component_declaration . (identifier) @name) @field
(task_type_declaration . (identifier) @name) @class
(protected_type_declaration . (identifier) @name) @class
(single_task_declaration . (identifier) @name) @class
(single_protected_declaration . (identifier) @name) @class
(task_body . (identifier) @name) @class
(protected_body . (identifier) @name) @class
(exception_declaration . (identifier) @name) @constant
(number_declaration . (identifier) @name) @constant
(object_declaration name: (identifier) @name "constant") @constant
(object_declaration name: (identifier) @name) @variable
(comment) @attached
