(property (key) @name) @key
(comment) @attached
