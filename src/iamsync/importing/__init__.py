"""A live account into files that people would have written. Reads values and gives values; only `folder` writes.

`selection` says what is meant, `reasons` what the language cannot say, `sets` which attachments users share, `entries`
what is written of each, and `yaml_text` how.
"""

from iamsync.importing.entries import Import, imported
from iamsync.importing.folder import Written, new_file, write, writes
from iamsync.importing.grouping import By
from iamsync.importing.present import Present, begun, existing
from iamsync.importing.selection import Selection

__all__ = [
    "By",
    "Import",
    "Present",
    "Selection",
    "Written",
    "begun",
    "existing",
    "imported",
    "new_file",
    "write",
    "writes",
]
