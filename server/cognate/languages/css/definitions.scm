; A rule is named by its selectors.
(rule_set (selectors) @name) @rule
(keyframes_statement (keyframes_name) @name) @rule
(comment) @attached
