(function_definition . name: (word) @name) @function
(command name: (word) @_is.alias argument: (word) @name) @function
; set -g NAME value
(command name: (word) @_is.set . argument: (word) @_begins.-g-or--U-or--x-or---global-or---universal-or---export
  . argument: (word) @name) @variable
(comment) @attached
