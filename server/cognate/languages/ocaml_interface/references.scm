; include: ocaml/references.scm
