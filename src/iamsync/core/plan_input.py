"""What a plan is made from: what is declared, what is live, and what else is known of the account."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from typing import Final

from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, parse_policy_arn
from iamsync.core.deny import AWS_POLICIES_THAT_DENY
from iamsync.core.document import Document
from iamsync.core.model import DesiredState, Group, LiveState, State, User, group_subject, policy_subject, user_subject
from iamsync.core.picture import AccountPicture
from iamsync.core.scope.denies import Denies
from iamsync.core.scope.members import Members
from iamsync.core.tags import HOLD_TAG

_STABLE: Final = frozenset(
    {"AdministratorAccess", "AWSDenyAll", "IAMFullAccess", "IAMUserChangePassword", "PowerUserAccess"}
)
"""AWS-managed policies whose texts do not change with every new service: only for these does the order of calls rely on
the texts that iamsync ships. It is safe whatever the others say by now."""


_USER_OR_GROUP: Final = re.compile("(?:user|group)/")

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


NOTHING: Final = Document.parse(
    {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iamsync:Nothing", "Resource": "*"}}
)
"""Allows nothing, and denies an action that does not exist."""


def _is_unknown(text: Document) -> bool:
    return any(one.key == UNKNOWN_TEXT for statement in text.statements for one in statement.conditions)


@dataclass(frozen=True, kw_only=True)
class PlanInput:
    """`desired` and `live` are what is compared. `known` is all that was read, also of what is left alone.

    `strangers` are the members of declared groups who are removed because they are not declared.
    `foreign` are the texts of declared policies that are not ours to create or change, for what they would say;
    `denies` are the undeclared Denies that stay as long as their user or group does.
    `in_steps` names the texts (`policy/Deploy`, `user/aiko/queue`) that change in two steps. Unless it `may_delete`, a
    user whom the plan would delete is suspended instead. Who is in `new_passwords` gets a password in place of the one
    there is.
    """

    desired: DesiredState
    live: LiveState
    known: LiveState
    strangers: Members = field(default_factory=dict)
    foreign: Mapping[Arn, Document] = field(default_factory=dict)
    denies: Denies = field(default_factory=dict)
    in_steps: frozenset[str] = frozenset()
    may_delete: bool = True
    new_passwords: frozenset[str] = frozenset()

    def may_delete_user(self, live: User) -> bool:
        """Whether a live user may be deleted now; otherwise the user is suspended."""
        return self.may_delete and HOLD_TAG not in live.tags

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

    @property
    def certain_picture(self) -> AccountPicture:
        """The same, in which a text that iamsync does not know allows and denies nothing."""
        return replace(self.picture, text_of=cache(self._certain_text), unreadable=NOTHING)

    def _certain_text(self, policy: Arn) -> Document:
        text = self.text_before(policy)
        return NOTHING if _is_unknown(text) else text

    def text_before(self, policy: Arn) -> Document:
        """What a managed policy says before the plan, or might say."""
        return self._text(policy, self.known, self.desired)

    def text_after(self, policy: Arn) -> Document:
        """What it says after the plan, or might say."""
        return self._text(policy, self.desired, self.known)

    def _text(self, policy: Arn, *sides: State) -> Document:
        for side in sides:
            if policy in side.policies:
                return side.policies[policy].document or ANYTHING
        return self.foreign.get(policy) or _text_of_aws(policy)

    def groups(self, name: str) -> Iterator[Group]:
        """A group as it is after the plan, and before."""
        yield from (side.groups[name] for side in (self.desired, self.known) if name in side.groups)

    @cached_property
    def named_in_texts(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """The live texts that name a user or group by path and name, by what they name: `user/people/aiko`. Each text
        is the subject that has it, and the name of an inline policy.
        """
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for place, document in self._live_texts():
            named = (text[match.start() :] for text in document.texts for match in _USER_OR_GROUP.finditer(text))
            for one in dict.fromkeys(named):
                found[one].append(place)
        return found

    def _live_texts(self) -> Iterator[tuple[tuple[str, str], Document]]:
        for policy in self.known.policies.values():
            if policy.document is not None:
                yield (policy_subject(policy.name), ""), policy.document
        inline = [(user_subject(user.name), user.inline) for user in self.known.users.values()]
        inline += [(group_subject(group.name), group.inline) for group in self.known.groups.values()]
        for subject, texts in inline:
            yield from (((subject, name), text) for name, text in texts.items() if text is not None)

    def inline_in_steps(self, subject: str) -> frozenset[str]:
        """The inline policies of a user or group that change in two steps."""
        return frozenset(text.removeprefix(f"{subject}/") for text in self.in_steps if text.startswith(f"{subject}/"))


def _text_of_aws(policy: Arn) -> Document:
    """What a policy of AWS says, as far as it is known; any other may allow anything."""
    parts = parse_policy_arn(policy)
    if parts is not None and parts.name in _STABLE and (document := known_document(policy)) is not None:
        return document
    denies = parts is not None and parts.account == "aws" and parts.name.startswith(AWS_POLICIES_THAT_DENY)
    return _anything("Deny" if denies else "Allow", under=policy)
