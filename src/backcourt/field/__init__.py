"""The rules and words of the field: each rule once, as Python and as SQL."""
