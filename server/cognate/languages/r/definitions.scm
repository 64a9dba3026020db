; f <- function(x) x, under a name, a quoted name or as a member of something.
(binary_operator lhs: [(identifier) (string)] @name operator: ["<-" "<<-" "=" ":="]
  rhs: (function_definition)) @function
(binary_operator lhs: (extract_operator lhs: (_) @container rhs: (identifier) @name) operator: ["<-" "<<-" "="]
  rhs: (function_definition)) @callable
; Person <- R6Class("Person", ...), and the same of other packages.
(binary_operator lhs: (identifier) @name operator: ["<-" "<<-" "="] rhs: (call function: [
  (identifier) @_is.R6Class-or-setRefClass-or-setClass-or-new_class-or-ggproto
  (namespace_operator rhs: (identifier) @_is.R6Class-or-setRefClass-or-setClass-or-new_class-or-ggproto)])) @class
; Definitions by a call: setClass("Circle", ...), setGeneric("area", ...), test_that("adds", ...).
(call function: [
    (identifier) @_is.setClass-or-setClassUnion-or-setRefClass
    (namespace_operator rhs: (identifier) @_is.setClass-or-setClassUnion-or-setRefClass)]
  arguments: (arguments . argument: (argument . value: (string content: (string_content) @name)))) @class
(call function: [
    (identifier) @_is.setGeneric-or-setMethod-or-setReplaceMethod
    (namespace_operator rhs: (identifier) @_is.setGeneric-or-setMethod-or-setReplaceMethod)]
  arguments: (arguments . argument: (argument . value: (string content: (string_content) @name)))) @function
(call function: [
    (identifier) @_is.test_that-or-describe-or-it
    (namespace_operator rhs: (identifier) @_is.test_that-or-describe-or-it)]
  arguments: (arguments . argument: (argument . value: (string content: (string_content) @name)))) @function
; Functions in a list, as those of an R6 class.
(argument name: (identifier) @name value: (function_definition)) @callable
; Variables count only at the top of the file.
(program (binary_operator lhs: [(identifier) (string)] @name operator: ["<-" "<<-" "="]) @variable)
(comment) @attached
