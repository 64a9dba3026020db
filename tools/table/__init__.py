"""Makes the translation table: fetches packages, reads their licences, extracts pairs, trains. Not part of the wheel."""
