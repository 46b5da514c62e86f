"""Snapshots: what planning reads of an account, as a file, so that a plan can be made without AWS.

`take` reads the account, `entries` is what it finds, `file` keeps that, and `answers` gives it in place of AWS, call by
call. So a plan from a snapshot is made by the same code as any other. `lacking` knows what a snapshot does not have.
"""

from iamsync.snapshot.answers import Answers
from iamsync.snapshot.entries import Snapshot
from iamsync.snapshot.file import read, refusals, write
from iamsync.snapshot.lacking import lacking, note
from iamsync.snapshot.take import take

__all__ = ["Answers", "Snapshot", "lacking", "note", "read", "refusals", "take", "write"]
