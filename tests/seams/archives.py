"""A source of files: a folder to which somebody uploads ZIP archives, of which the last in the alphabet counts."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

from iamsync.errors import IamsyncError
from iamsync.source import Checkout


@dataclass(frozen=True)
class Archives:
    """Archives in `inbox`, each unpacked once, into a folder of its own below `unpacked`."""

    inbox: Path
    unpacked: Path

    def current(self) -> Checkout:
        """The newest archive; its digest stands for a commit."""
        archives = sorted(self.inbox.glob("*.zip"))
        if not archives:
            raise IamsyncError(f"there is no archive in {self.inbox}: upload one")
        content = archives[-1].read_bytes()
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        folder = self.unpacked / digest
        if not folder.exists():
            with zipfile.ZipFile(archives[-1]) as archive:
                archive.extractall(folder)
        return Checkout(path=folder, commit=digest)
