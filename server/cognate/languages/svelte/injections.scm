; include: html/injections.scm
