"""How a folder of `tests/cases` is read, played and written down."""
