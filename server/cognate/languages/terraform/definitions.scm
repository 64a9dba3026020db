(block (identifier) @_is.variable . (string_lit) @name) @variable
(block (identifier) @_is.output . (string_lit) @name) @property
(block (identifier) @_is.module . (string_lit) @name) @module
(block (identifier) @_is.locals (body (attribute (identifier) @name) @variable))
; resource "aws_instance" "web": a type and a name. Other tools than Terraform have blocks of their own.
(config_file (body (block (identifier) . (string_lit) @container . (string_lit) @name) @class))
(config_file (body (block (identifier) . (string_lit) @name .(block_start)) @class))
(block (identifier) @_is.group-or-task-or-target-or-stage . (string_lit) @name) @class
; A file of values.
(config_file (body (attribute (identifier) @name) @key))
(comment) @attached
