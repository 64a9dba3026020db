(class_definition (class_binding (class_name) @name)) @class
; include: ocaml/shared.scm
