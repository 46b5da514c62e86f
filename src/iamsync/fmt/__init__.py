"""Desired-state files in canonical order and style, with every comment where it belongs.

The values are never rewritten: each scalar is the very text its author wrote, moved. What comes out is read again
and must say the same before a file is replaced.
"""

from iamsync.fmt.addition import with_added
from iamsync.fmt.files import CannotFormat, Rewrite, canonical, rewrites, write

__all__ = ["CannotFormat", "Rewrite", "canonical", "rewrites", "with_added", "write"]
