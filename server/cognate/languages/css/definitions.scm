; Each selector of a list names the rule: one looks for one of them, and a list can be as long as a page.
(rule_set (selectors [
  (adjacent_sibling_selector)
  (attribute_selector)
  (child_selector)
  (class_selector)
  (descendant_selector)
  (id_selector)
  (nesting_selector)
  (pseudo_class_selector)
  (pseudo_element_selector)
  (sibling_selector)
  (string_value)
  (tag_name)
  (universal_selector)] @name)) @rule
(keyframes_statement (keyframes_name) @name) @rule
(comment) @attached
