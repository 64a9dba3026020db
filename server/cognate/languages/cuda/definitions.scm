; include: cpp/definitions.scm
