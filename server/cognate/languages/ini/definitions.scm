; Sections, and what stands before the first one.
(section (section_name (text) @name)) @key
(document (setting (setting_name) @name) @key)
(comment) @attached
