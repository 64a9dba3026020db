; A name that is bound to a function; its arguments may be a set.
(binding attrpath: (attrpath (_) @name .) expression: (function_expression)) @function
(let_expression (binding_set (binding attrpath: (attrpath (_) @name .)) @variable))
; Of sets only those that hold further ones and the outermost are worth a name.
(binding attrpath: (attrpath) @name expression: [(attrset_expression) (rec_attrset_expression)]) @key
(source_code (attrset_expression (binding_set (binding attrpath: (attrpath) @name) @key)))
(source_code (function_expression body: (attrset_expression (binding_set (binding attrpath: (attrpath) @name) @key))))
(source_code (function_expression body: (let_expression body:
  (attrset_expression (binding_set (binding attrpath: (attrpath) @name) @key)))))
(comment) @attached
