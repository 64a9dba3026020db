(unit (moduleName) @name @module)
(program (moduleName) @name @module)
(library (moduleName) @name @module)
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (declClass (kRecord))) @struct
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (declClass)) @class
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (declHelper)) @class
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (declIntf)) @interface
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)] type: (type (declEnum))) @enum
(declType name: [(identifier) @name (genericTpl entity: (identifier) @name)]) @type
(declEnumValue name: (identifier) @name) @constant
(declField name: (identifier) @name) @field
(declProp name: (identifier) @name) @property
; A body's header may name the type: procedure TPoint.Move.
(defProc header: (declProc [(kConstructor) (kDestructor)] name: [(identifier) @name (operatorName) @name (genericDot
  lhs: [(identifier) @container (genericTpl entity: (identifier) @container)] rhs: [(identifier) (operatorName)]
  @name)])) @constructor
(defProc header: (declProc name: [(identifier) @name (operatorName) @name (genericDot lhs: [(identifier) @container
  (genericTpl entity: (identifier) @container)] rhs: [(identifier) (operatorName)] @name)])) @callable
(declProc [(kConstructor) (kDestructor)] name: [(identifier) (operatorName)] @name) @constructor
(declProc name: [(identifier) (operatorName)] @name) @prototype
(declConst name: (identifier) @name) @constant
(declVar name: (identifier) @name) @variable
(comment) @attached
