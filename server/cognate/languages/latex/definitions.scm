(part text: (curly_group (_) @name)) @heading
(chapter text: (curly_group (_) @name)) @heading
(section text: (curly_group (_) @name)) @heading
(subsection text: (curly_group (_) @name)) @heading
(subsubsection text: (curly_group (_) @name)) @heading
(new_command_definition declaration: (curly_group_command_name (command_name) @name)) @macro
(old_command_definition declaration: (command_name) @name) @macro
(environment_definition name: (curly_group_text (text) @name)) @macro
