"""One IAM call as data. The only package that spells the IAM API.

`operation` and `params` are literally what boto3 gets. IAM ARNs can be computed, so a plan has two placeholders only: a
password is a marker here and is minted when the call is made, and the key of a tag may contain THIS_RUN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from iamsync.core.document import Document
from iamsync.core.model import Origin

THIS_RUN = "<run>"
"""What the key of a tag says instead of the id of the run that applies the plan. No tag in IAM can contain it."""


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
    """What must be true when a call prepares or makes an access key, or deletes one; otherwise another run has changed
    the user's access keys since the plan.

    `keys` are all the access keys that the user may have, `notes` are the tags of runs that the user must still have;
    None of either is no condition.
    """

    keys: frozenset[str] | None = None
    notes: frozenset[str] | None = None


_TAGS = ("Tags", "TagKeys")
"""The parameters that name tags: with values, or keys alone."""

Param = str | bool | Secret | Sequence[Mapping[str, str] | str]


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

    @property
    def tag_keys(self) -> frozenset[str]:
        """The keys of the tags that the call sets or removes."""
        return frozenset(tag if isinstance(tag, str) else tag["Key"] for name in _TAGS for tag in self._tags(name))

    def in_run(self, run_id: str) -> "Action":
        """The same call with `run_id` where the key of a tag says THIS_RUN."""

        def named(tag: Mapping[str, str] | str) -> Mapping[str, str] | str:
            if isinstance(tag, str):
                return tag.replace(THIS_RUN, run_id)
            return {**tag, "Key": tag["Key"].replace(THIS_RUN, run_id)}

        if not any(THIS_RUN in key for key in self.tag_keys):
            return self
        tags = {name: [named(tag) for tag in self._tags(name)] for name in _TAGS if name in self.params}
        return replace(self, params={**self.params, **tags})

    def _tags(self, name: str) -> Sequence[Mapping[str, str] | str]:
        tags = self.params.get(name, ())
        return tags if isinstance(tags, Sequence) else ()


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
