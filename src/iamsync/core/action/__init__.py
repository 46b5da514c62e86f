"""One IAM call as data. The only package that spells the IAM API.

`operation` and `params` are literally what boto3 gets. IAM ARNs can be computed, so nothing in a plan is a placeholder
but a password, which is a marker here and is minted when the call is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from iamsync.core.document import Document
from iamsync.core.model import Origin


class Verb(Enum):
    """What a reviewer sees happen."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"


class Secret(Enum):
    """What a call hands over and no plan, log or digest ever holds: they have this name instead.

    A password is a parameter that exists only while its call is made; the secret of an access key is in the answer.
    """

    PASSWORD = "password"  # noqa: S105 - the name of a secret, not one
    ACCESS_KEY = "access key"


class When(Enum):
    """Whether a call waits for its turn in the plan.

    FIRST cuts a way in, renames, or marks what is taken over; ROOM makes room at a limit; LAST lets somebody in, with
    what is noted before and forgotten after.
    """

    FIRST = "first"
    ROOM = "room"
    IN_TURN = "in turn"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What a call does to the statements that judge a user: which kinds come and which go. The order depends on it."""

    denies_added: bool = False
    denies_removed: bool = False
    allows_added: bool = False
    allows_removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextChange:
    """An inline policy that is new, or gets another text; `old` is None also where the text cannot be read."""

    is_new: bool
    old: Document | None
    new: Document
    words: tuple[str, ...]
    shift: Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """What must be so when a call is made that makes an access key or takes one away; else another run has been at it
    since the plan.

    `keys` are all the access keys that the user may have, `mark` is what NEW_ACCESS_KEY_TAG must say; None of either is
    no condition.
    """

    keys: frozenset[str] | None = None
    mark: str | None = None


Param = str | bool | Secret | Sequence[Mapping[str, str]] | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One IAM API call and why it is made.

    `subject` is whose call it is (`user/aiko.sato`, `policy/Deploy`); after a failure the later actions of that subject
    are skipped, and so are those that name it in `needs`. `summary` and `details` are the words of the plan, `reason`
    is file:line or "not declared". `window` says what is open, and until when, where a limit forces an unsafe order.
    `stage` parts the calls of one phase where subjects must not go side by side. `removed` is the text of what the call
    destroys, for the journal. `premise` is what must still be so.
    """

    verb: Verb
    subject: str
    operation: str
    params: Mapping[str, Param]
    summary: str
    reason: str
    details: tuple[str, ...] = ()
    needs: frozenset[str] = field(default_factory=frozenset)
    when: When = When.IN_TURN
    shift: Shift | None = None
    window: str = ""
    stage: int = 0
    removed: str = ""
    premise: Premise | None = None

    @property
    def secret(self) -> Secret | None:
        """The secret that is to be delivered with this call, if there is one."""
        if self.operation == "create_access_key":
            return Secret.ACCESS_KEY
        return next((value for value in self.params.values() if isinstance(value, Secret)), None)


NOT_DECLARED = "not declared"


def reason(*origins: Origin | None) -> str:
    """The first place that is known, as file:line."""
    return next((str(origin) for origin in origins if origin), "declared")


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API takes them, sorted by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tag_words(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Tags as a reviewer reads them, sorted by key."""
    return tuple(f"tag {key}={tags[key]}" for key in sorted(tags))
