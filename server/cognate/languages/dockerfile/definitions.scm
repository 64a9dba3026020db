; A stage has a name that later ones copy from.
(from_instruction as: (image_alias) @name) @module
(arg_instruction name: (_) @name) @variable
(env_instruction (env_pair name: (_) @name @variable))
(comment) @attached
