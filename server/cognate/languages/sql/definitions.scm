; A name may be qualified with its schema.
(create_table (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_view (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_materialized_view (object_reference schema: (identifier)? @container name: (identifier) @name)) @table
(create_function . (keyword_create) . (keyword_or)? . (keyword_replace)? . (keyword_function)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @function
(create_trigger (keyword_trigger)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @function
(create_type . (keyword_create) . (keyword_type)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @type
; An index is named apart from the table that it is on.
(create_index column: (identifier) @name) @property
(create_sequence (keyword_sequence)
  . (object_reference schema: (identifier)? @container name: (identifier) @name)) @variable
(create_schema (keyword_schema) . (identifier) @name) @namespace
(column_definitions (column_definition name: (identifier) @name) @field)
(comment) @attached
(marginalia) @attached
