; include: cpp/references.scm
