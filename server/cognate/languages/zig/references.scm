; Names in comments and inside strings are not references.
(line_comment) @opaque
(doc_comment) @opaque
(container_doc_comment) @opaque
(STRINGLITERALSINGLE) @opaque
(LINESTRING) @opaque
