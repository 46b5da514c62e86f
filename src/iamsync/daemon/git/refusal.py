"""Why a commit is not taken."""


class CommitRefused(Exception):
    """A commit that must not be in force; `why` is a sentence for the person who made it."""

    def __init__(self, commit: str, why: str) -> None:
        self.commit = commit
        self.why = why
        super().__init__(why)
