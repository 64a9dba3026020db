"""Definition queries for C, C++, Go, Rust, Swift and Zig."""


def _any(*patterns: str) -> str:
    """Match any of the patterns."""
    return f"[{' '.join(patterns)}]"


def _declared(name: str, *, reference: bool = False) -> list[str]:
    """Return how a declarator may wrap what it declares: bare, or behind one or two pointers."""
    wrapped = [name, f"(pointer_declarator declarator: {name})"]
    wrapped.append(f"(pointer_declarator declarator: (pointer_declarator declarator: {name}))")
    return [*wrapped, f"(reference_declarator {name})"] if reference else wrapped


_C_VARIABLE = _any(*_declared("(identifier) @name"), *_declared("(array_declarator declarator: (identifier) @name)"))
_C_FIELD = _any(
    *_declared("(field_identifier) @name"),
    *_declared("(array_declarator declarator: (field_identifier) @name)"),
    "(function_declarator declarator: (parenthesized_declarator (pointer_declarator"
    " declarator: (field_identifier) @name)))",
)

_C_SHARED = f"""
(preproc_def name: (identifier) @name value: (_)) @macro
(preproc_function_def name: (identifier) @name) @macro
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(enumerator name: (identifier) @name) @constant
(union_specifier name: (type_identifier) @name body: (_)) @union
(type_definition type: (struct_specifier name: (_) body: (_)) declarator: (type_identifier) @name @type)
(type_definition type: (enum_specifier name: (_) body: (_)) declarator: (type_identifier) @name @type)
(type_definition type: (union_specifier name: (_) body: (_)) declarator: (type_identifier) @name @type)
(type_definition type: (struct_specifier body: (_)) declarator: (type_identifier) @name) @struct
(type_definition type: (enum_specifier body: (_)) declarator: (type_identifier) @name) @enum
(type_definition type: (union_specifier body: (_)) declarator: (type_identifier) @name) @union
(type_definition declarator: (type_identifier) @name) @type
(type_definition declarator: (pointer_declarator declarator: (type_identifier) @name)) @type
(type_definition declarator: (array_declarator declarator: (type_identifier) @name)) @type
(type_definition declarator: (function_declarator declarator: (type_identifier) @name)) @type
(type_definition declarator: (function_declarator declarator: (parenthesized_declarator
  (pointer_declarator declarator: (type_identifier) @name)))) @type
(declaration (type_qualifier) @_is.const-or-constexpr declarator: (init_declarator
  declarator: {_C_VARIABLE})) @constant
(declaration declarator: (init_declarator declarator: {_C_VARIABLE})) @variable
(declaration declarator: {_C_VARIABLE}) @variable
(field_declaration declarator: {_C_FIELD}) @field
(function_definition body: (_) @local)
(comment) @attached
"""

_C_FUNCTION = _any(*_declared("(function_declarator declarator: (identifier) @name)"))

_C = f"""
(struct_specifier name: (type_identifier) @name body: (_)) @struct
(function_definition declarator: {_C_FUNCTION}) @function
(declaration declarator: {_C_FUNCTION}) @prototype
{_C_SHARED}
"""

_CPP_NAME = "[(identifier) (field_identifier) (destructor_name) (operator_name) (qualified_identifier)] @name"
_CPP_FUNCTION = _any(*_declared(f"(function_declarator declarator: {_CPP_NAME})", reference=True))

_CPP = f"""
(template_declaration (class_specifier name: (_) @name body: (_))) @class
(template_declaration (struct_specifier name: (_) @name body: (_))) @struct
(class_specifier name: (_) @name body: (_)) @class
(struct_specifier name: (_) @name body: (_)) @struct
(namespace_definition name: (_) @name) @namespace
(template_declaration (alias_declaration name: (type_identifier) @name)) @type
(alias_declaration name: (type_identifier) @name) @type
(concept_definition name: (identifier) @name) @type
(function_definition declarator: (operator_cast) @name) @member
(template_declaration (function_definition declarator: {_CPP_FUNCTION})) @member
(function_definition declarator: {_CPP_FUNCTION}) @member
(template_declaration (declaration declarator: {_CPP_FUNCTION})) @prototype
(declaration declarator: {_CPP_FUNCTION}) @prototype
(field_declaration declarator: {_CPP_FUNCTION}) @member
(lambda_expression body: (_) @local)
{_C_SHARED}
"""

_GO = """
(function_declaration name: (identifier) @name) @function
(method_declaration
  receiver: (parameter_list (parameter_declaration type: [
    (type_identifier) @container
    (pointer_type (type_identifier) @container)
    (generic_type type: (type_identifier) @container)
    (pointer_type (generic_type type: (type_identifier) @container))]))
  name: (field_identifier) @name) @method
(type_spec name: (type_identifier) @name type: (struct_type)) @struct
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type
(type_spec type: (struct_type (field_declaration_list (field_declaration name: (field_identifier) @name) @field)))
(type_spec type: (interface_type (method_elem name: (field_identifier) @name) @method))
(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @variable))
(source_file (var_declaration (var_spec_list (var_spec name: (identifier) @name) @variable)))
(comment) @attached
"""

_RUST = """
(function_item name: (identifier) @name) @callable
(function_signature_item name: (identifier) @name) @callable
(struct_item name: (type_identifier) @name) @struct
(enum_item name: (type_identifier) @name) @enum
(union_item name: (type_identifier) @name) @union
(trait_item name: (type_identifier) @name) @trait
(type_item name: (type_identifier) @name) @type
(associated_type name: (type_identifier) @name) @type
(mod_item name: (identifier) @name) @module
(macro_definition name: (identifier) @name) @macro
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(enum_variant name: (identifier) @name) @constant
(field_declaration name: (field_identifier) @name) @field
(impl_item type: [
  (type_identifier) @name
  (primitive_type) @name
  (scoped_type_identifier name: (type_identifier) @name)
  (generic_type type: (type_identifier) @name)
  (generic_type type: (scoped_type_identifier name: (type_identifier) @name))
  (reference_type type: (type_identifier) @name)
  (reference_type type: (generic_type type: (type_identifier) @name))]) @scope
(line_comment) @attached
(block_comment) @attached
(attribute_item) @attached
"""

_SWIFT = """
(class_declaration "struct" name: (type_identifier) @name) @struct
(class_declaration "enum" name: (type_identifier) @name) @enum
(class_declaration "extension" name: (user_type) @name) @scope
(class_declaration name: (type_identifier) @name) @class
(protocol_declaration name: (type_identifier) @name) @interface
(function_declaration name: (_) @name) @callable
(protocol_function_declaration name: (_) @name) @method
(init_declaration "init" @name) @constructor
(deinit_declaration "deinit" @name) @method
(subscript_declaration "subscript" @name) @method
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property)
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property)
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @property
(source_file (property_declaration (value_binding_pattern "let")
  name: (pattern bound_identifier: (simple_identifier) @name)) @constant)
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @name)) @variable)
(enum_entry name: (simple_identifier) @name) @constant
(typealias_declaration name: (type_identifier) @name) @type
(comment) @attached
(multiline_comment) @attached
(attribute) @attached
"""

_ZIG = """
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (BUILTINIDENTIFIER) @_is.import)))) @import
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl (ContainerDeclType "union")))))) @union
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl (ContainerDeclType "enum")))))) @enum
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ContainerDecl))))) @struct
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (ErrorSetDecl))))) @enum
(Decl (VarDecl "const" variable_type_function: (IDENTIFIER) @name)) @constant
(Decl (VarDecl "var" variable_type_function: (IDENTIFIER) @name)) @variable
(ErrorSetDecl field_constant: (IDENTIFIER) @name @constant)
(Decl (FnProto function: (IDENTIFIER) @name)) @callable
(TestDecl (STRINGLITERALSINGLE) @name) @function
(ContainerDecl (ContainerDeclType "enum")
  (ContainerField (ErrorUnionExpr (SuffixExpr variable_type_function: (IDENTIFIER) @name))) @constant)
(ContainerField field_member: (IDENTIFIER) @name) @field
(doc_comment) @attached
(line_comment) @attached
"""

QUERIES = {
    "c": _C,
    "cpp": _CPP,
    "cuda": _CPP,
    "go": _GO,
    "rust": _RUST,
    "swift": _SWIFT,
    "zig": _ZIG,
}
