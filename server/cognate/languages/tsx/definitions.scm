; include: typescript/definitions.scm
