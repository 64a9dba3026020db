; The keys of the first level.
(document (object (pair key: (string (string_content) @name)) @key))
(comment) @attached
