"""Files from a Git repository elsewhere, fetched by the git program: `source` looks for the newest commit, `remote` and
`tree` bring it here, `signature` judges it, `store` keeps the last good one on the disk.

Why the git program, and not a library: docs/architecture.md.
"""
