; const std = @import("std") binds an import.
(Decl (VarDecl variable_type_function: (IDENTIFIER) @name
  (ErrorUnionExpr (SuffixExpr (BUILTINIDENTIFIER) @_is.import)))) @import
; Types are constants whose value is a type.
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
