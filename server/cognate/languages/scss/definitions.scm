; A rule is named by all its selectors: the grammar has placeholders and nested selectors as text.
(rule_set (selectors) @name) @rule
(keyframes_statement (keyframes_name) @name) @rule
(comment) @attached

(mixin_statement name: (identifier) @name) @function
(function_statement name: (identifier) @name) @function
