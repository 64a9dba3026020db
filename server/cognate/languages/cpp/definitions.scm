; A template is one definition with what it is a template of.
(template_declaration (class_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)] body: (_))) @class
(template_declaration (struct_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)] body: (_))) @struct
(class_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)] body: (_)) @class
(struct_specifier
  name: [(type_identifier) @name (qualified_identifier) @name (template_type name: (_) @name)] body: (_)) @struct
(namespace_definition name: (_) @name) @namespace
(template_declaration (alias_declaration name: (type_identifier) @name)) @type
(alias_declaration name: (type_identifier) @name) @type
(concept_definition name: (identifier) @name) @type

; Functions may return pointers and references: then the declarator is wrapped.
(function_definition declarator: (operator_cast) @name) @member
(function_definition declarator: (qualified_identifier name: (operator_cast)) @name) @member
(declaration declarator: (operator_cast) @name) @prototype
; What has neither type nor body is a constructor, or else the call of a macro.
(template_declaration (declaration !type declarator: (function_declarator declarator: (identifier) @name))) @untyped
(declaration !type declarator: (function_declarator declarator: (identifier) @name)) @untyped
(template_declaration (function_definition declarator: [
  (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)
  (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)))
  (reference_declarator (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
])) @member
(function_definition declarator: [
  (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)
  (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)))
  (reference_declarator (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
]) @member
(template_declaration (declaration declarator: [
  (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)
  (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)))
  (reference_declarator (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
])) @prototype
(declaration declarator: [
  (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)
  (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)))
  (reference_declarator (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
]) @prototype
(field_declaration declarator: [
  (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)
  (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
  (pointer_declarator declarator: (pointer_declarator declarator: (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name)))
  (reference_declarator (function_declarator
    declarator: [(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name))
]) @member
(lambda_expression body: (_) @local)

; include: c/shared.scm
