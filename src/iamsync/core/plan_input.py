"""What a plan is made from: what is declared, what is live, and what else is known of the account."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Group, LiveState, State
from iamsync.core.picture import AccountPicture

_AWS_POLICIES_THAT_DENY: Final = ("AWSDenyAll", "AWSCompromisedKeyQuarantine")
"""AWS-managed policies whose purpose is a Deny; the text of the others is not read, and taken to allow."""


UNKNOWN_TEXT: Final = "iamsync:text"
"""The condition key under which a text that iamsync does not know is taken to say anything. No request has it."""


@lru_cache(maxsize=4096)
def _anything(*effects: str, under: str) -> Document:
    """Everything, under a condition of which nothing is known: it surely covers only what it says itself."""
    condition = {"Condition": {"StringEquals": {UNKNOWN_TEXT: under}}}
    statements = [{"Effect": effect, "Action": "*", "Resource": "*", **condition} for effect in effects]
    return Document.parse({"Version": "2012-10-17", "Statement": statements})


ANYTHING: Final = _anything("Allow", "Deny", under="not readable")
"""What is assumed of a text that is no document: it may allow anything, and deny anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """`desired` and `live` are what is compared. `known` is all that was read, also of what is left alone.

    `in_steps` names the texts (`policy/Deploy`, `user/aiko/queue`) that change in two steps.
    """

    desired: DesiredState
    live: LiveState
    known: LiveState
    in_steps: frozenset[str] = frozenset()

    @property
    def picture(self) -> AccountPicture:
        """The account before the plan, with every user, by the names that users have after it."""
        new_names = {user.name: name for name, user in self.live.users.items()}
        return AccountPicture(
            account=self.known.account,
            users={new_names.get(name, name): user for name, user in self.known.users.items()},
            groups=self.known.groups,
            text_of=cache(self.text_before),
            unreadable=ANYTHING,
        )

    def text_before(self, policy: Arn) -> Document:
        """What a managed policy says before the plan, or might say."""
        return _text(policy, self.known, self.desired)

    def text_after(self, policy: Arn) -> Document:
        """What it says after the plan, or might say."""
        return _text(policy, self.desired, self.known)

    def groups(self, name: str) -> Iterator[Group]:
        """A group as it is after the plan, and before."""
        yield from (side.groups[name] for side in (self.desired, self.known) if name in side.groups)

    def inline_in_steps(self, subject: str) -> frozenset[str]:
        """The inline policies of a user or group that change in two steps."""
        return frozenset(text.removeprefix(f"{subject}/") for text in self.in_steps if text.startswith(f"{subject}/"))


def _text(policy: Arn, *sides: State) -> Document:
    for side in sides:
        if policy in side.policies:
            return side.policies[policy].document or ANYTHING
    if (document := known_document(policy)) is not None:
        return document
    parts = parse_policy_arn(policy)
    denies = parts is not None and parts.account == "aws" and parts.name.startswith(_AWS_POLICIES_THAT_DENY)
    return _anything("Deny" if denies else "Allow", under=policy)
