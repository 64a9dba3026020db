; include: html/definitions.scm
