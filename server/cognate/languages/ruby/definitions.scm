; A method outside any class is a function.
(program (method name: (_) @name) @function)
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(alias name: (_) @name) @method
(class name: (_) @name) @class
(module name: (_) @name) @module
; Point = Struct.new(...) is a class.
(assignment left: (constant) @name right: (call receiver: (constant) @_is.Struct-or-Class-or-Data
  method: (identifier) @_is.new-or-define)) @class
(assignment left: (constant) @name right: (call receiver: (constant) @_is.Module method: (identifier) @_is.new)) @module
(assignment left: (constant) @name) @constant

; Methods that a call makes: attr_accessor :a, :b; delegate :a, :b, to: :c; alias_method :a, :b.
(call method: (identifier)
    @_is.attr_accessor-or-attr_reader-or-attr_writer-or-cattr_accessor-or-mattr_accessor-or-class_attribute-or-attr
  arguments: (argument_list (simple_symbol) @name)) @property
(body_statement (call !receiver method: (identifier) @_is.delegate
  arguments: (argument_list (simple_symbol) @name)) @method)
(body_statement (call !receiver
  method: (identifier) @_is.def_delegators-or-def_delegator-or-def_instance_delegators-or-def_instance_delegator
  arguments: (argument_list . (_) (simple_symbol) @name)) @method)
(body_statement (call !receiver
  method: (identifier) @_is.scope-or-alias_method-or-define_method-or-define_singleton_method-or-helper_method
  arguments: (argument_list . (simple_symbol) @name)) @method)
(call method: (identifier) @_is.define_method-or-define_singleton_method
  arguments: (argument_list . [(simple_symbol) (string)] @name) block: (_)) @method
; What a class is made of: associations, attributes and enumerations.
(body_statement (call !receiver
  method: (identifier)
    @_is.has_many-or-has_one-or-belongs_to-or-has_and_belongs_to_many-or-has_one_attached-or-has_many_attached-or-has_rich_text-or-embeds_many-or-embeds_one-or-attribute-or-enum-or-field-or-store_accessor
  arguments: (argument_list . [(simple_symbol) @name (pair key: (hash_key_symbol) @name)])) @property)

; Specs and tests are named by their titles; those of a class are its container.
(call method: (identifier) @_is.describe-or-context-or-feature-or-fdescribe-or-xdescribe
  arguments: (argument_list . [(constant) (scope_resolution)] @name) block: (_)) @scope
(call
  method: (identifier)
    @_is.describe-or-context-or-feature-or-it-or-its-or-specify-or-example-or-scenario-or-test-or-should-or-fdescribe-or-xdescribe-or-fcontext-or-xcontext-or-fit-or-xit-or-shared_examples-or-shared_examples_for-or-shared_context
  arguments: (argument_list . [(string) (simple_symbol)] @name) block: (_)) @function

; Rake: namespace :billing, task :close, task close: :environment.
(call !receiver method: (identifier) @_is.namespace arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (do_block)) @namespace
(call !receiver method: (identifier) @_is.task-or-multitask
  arguments: (argument_list . [
    (simple_symbol) @name
    (string) @name
    (pair key: [(hash_key_symbol) (simple_symbol) (string)] @name)])
  block: (_)) @function
(call !receiver method: (identifier) @_is.create_table arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_)) @table
(comment) @attached
