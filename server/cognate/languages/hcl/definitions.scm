; include: terraform/definitions.scm
