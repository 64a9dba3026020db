; Tables, and what stands before the first one.
(table . (_) @name) @key
(table_array_element . (_) @name) @key
(document (pair . (_) @name) @key)
(comment) @attached
