; What stands outside of <?php ... ?> is one page.
((text) @injection.content (#set! injection.language "html") (#set! injection.combined))
