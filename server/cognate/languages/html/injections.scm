; A script is in the language that its tag names by lang or by type, else in JavaScript.
(script_element (start_tag (attribute (attribute_name) @_is.lang
  (quoted_attribute_value (attribute_value) @injection.language))) (raw_text) @injection.content)
(script_element (start_tag (attribute (attribute_name) @_is.lang (attribute_value) @injection.language))
  (raw_text) @injection.content)
((script_element (start_tag (attribute (attribute_name) @_is.type
    (quoted_attribute_value (attribute_value) @_is.module)))
  (raw_text) @injection.content) (#set! injection.language "javascript"))
((script_element (start_tag (attribute (attribute_name) @_is.type (attribute_value) @_is.module))
  (raw_text) @injection.content) (#set! injection.language "javascript"))
((script_element (start_tag (attribute (attribute_name) @_is.type
    (quoted_attribute_value (attribute_value) @_is.importmap-or-speculationrules)))
  (raw_text) @injection.content) (#set! injection.language "json"))
(script_element (start_tag (attribute (attribute_name) @_is.type
  (quoted_attribute_value (attribute_value) @injection.language))) (raw_text) @injection.content)
(script_element (start_tag (attribute (attribute_name) @_is.type (attribute_value) @injection.language))
  (raw_text) @injection.content)
((script_element (raw_text) @injection.content) (#set! injection.language "javascript"))

; A style sheet is CSS unless its tag says otherwise.
(style_element (start_tag (attribute (attribute_name) @_is.lang
  (quoted_attribute_value (attribute_value) @injection.language))) (raw_text) @injection.content)
(style_element (start_tag (attribute (attribute_name) @_is.lang (attribute_value) @injection.language))
  (raw_text) @injection.content)
((style_element (raw_text) @injection.content) (#set! injection.language "css"))
