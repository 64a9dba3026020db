; include: lua/definitions.scm
