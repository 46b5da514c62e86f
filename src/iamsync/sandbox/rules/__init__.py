"""What AWS refuses, one function per rule. The imports are in the order in which AWS checks."""

# isort: off
from iamsync.sandbox.rules import names, tags, documents, arns, grammar
from iamsync.sandbox.rules import existence, uniqueness, aws_managed
from iamsync.sandbox.rules import limits, conflicts, passwords
# isort: on

__all__ = [
    "arns",
    "aws_managed",
    "conflicts",
    "documents",
    "existence",
    "grammar",
    "limits",
    "names",
    "passwords",
    "tags",
    "uniqueness",
]
