; An element with an id is what styles, scripts and links name.
(element (start_tag (attribute (attribute_name) @_is.id (quoted_attribute_value (attribute_value) @name)))) @field
(element (start_tag (attribute (attribute_name) @_is.id (attribute_value) @name))) @field
(element (self_closing_tag (attribute (attribute_name) @_is.id
  (quoted_attribute_value (attribute_value) @name)))) @field
(element (self_closing_tag (attribute (attribute_name) @_is.id (attribute_value) @name))) @field
(script_element (start_tag (attribute (attribute_name) @_is.id
  (quoted_attribute_value (attribute_value) @name)))) @field
(script_element (start_tag (attribute (attribute_name) @_is.id (attribute_value) @name))) @field
(style_element (start_tag (attribute (attribute_name) @_is.id
  (quoted_attribute_value (attribute_value) @name)))) @field
(style_element (start_tag (attribute (attribute_name) @_is.id (attribute_value) @name))) @field
(comment) @attached
