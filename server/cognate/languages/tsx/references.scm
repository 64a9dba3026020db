; include: javascript/references.scm
