"""Makes the translation table: fetches packages, reads licences, extracts pairs, trains. Not part of the wheel."""
