(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (object_declaration)) @class
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (tuple_type)) @struct
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (ref_type (object_declaration))) @class
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (pointer_type (object_declaration))) @class
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (enum_declaration)) @enum
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
  (concept_declaration)) @interface
(type_declaration (type_symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
 ) @type
(field_declaration (symbol_declaration_list (symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name
  (accent_quoted) @name]))) @field
(enum_field_declaration (symbol_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name])
 ) @constant
(proc_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @function
(func_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @function
(method_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @method
(iterator_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @function
(converter_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @function
(template_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @macro
(macro_declaration name: [(exported_symbol (_) @name) (identifier) @name (accent_quoted) @name]) @macro
(const_section (variable_declaration (symbol_declaration_list (symbol_declaration name: [(exported_symbol (_) @name)
  (identifier) @name (accent_quoted) @name]))) @constant)
(let_section (variable_declaration (symbol_declaration_list (symbol_declaration name: [(exported_symbol (_) @name)
  (identifier) @name (accent_quoted) @name]))) @variable)
(var_section (variable_declaration (symbol_declaration_list (symbol_declaration name: [(exported_symbol (_) @name)
  (identifier) @name (accent_quoted) @name]))) @variable)
(comment) @attached
(documentation_comment) @attached
