((frontmatter_js_block) @injection.content (#set! injection.language "typescript"))
; A script without a language may hold types.
((script_element (start_tag . (tag_name) .) (raw_text) @injection.content) (#set! injection.language "typescript"))
; include: html/injections.scm
