(fn name: (symbol) @name) @function
(fn name: (multi_symbol) @name) @function
(lambda name: (symbol) @name) @function
(lambda name: (multi_symbol) @name) @function
(list . (symbol) @_is.macro . (symbol) @name) @macro
(program (local (binding . (symbol) @name)) @variable)
(program (var (binding . (symbol) @name)) @variable)
(program (global (binding . (symbol) @name)) @variable)
(comment) @attached
