"""Who is an administrator: a user whom nothing keeps from any action of IAM, and so from any action at all.

That is `*` on `*` or `iam:*`, directly, by a group or inline, as far as boundary and Deny statements leave it. Where
the text of a policy or the value of a condition is not known, a user is not called an administrator.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from iamsync.core.access import Policies, Request, Source, context_of, decision, with_mfa
from iamsync.core.action import GROUP, POLICY, USER, Action
from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.model import User
from iamsync.core.order import concerned
from iamsync.core.picture import AccountPicture, Owner

_ANY_ACTION: Final = "iam:IamsyncNamesNoSuchAction"
"""An action that only a pattern can mean that means all actions of IAM."""


def administrators(names: Iterable[str], picture: AccountPicture) -> frozenset[str]:
    """Those of the users who are administrators at this moment."""
    return frozenset(name for name in names if _is_administrator(name, picture))


def new_administrators(actions: Sequence[Action], before: AccountPicture) -> dict[str, tuple[Action, ...]]:
    """The users who become administrators by the plan as a whole, sorted, each with the actions that concern them."""
    reached = concerned(actions, before)
    after = administrators(frozenset[str]().union(*reached), before.after_all(actions))
    new = sorted(after - administrators(after, before))
    return {name: tuple(one for one, users in zip(actions, reached, strict=True) if name in users) for name in new}


def _is_administrator(name: str, picture: AccountPicture) -> bool:
    owner = picture.seen((USER, name))
    if not isinstance(owner, Owner):
        return False
    user = User(name=owner.name, path=owner.path, tags=owner.tags)
    boundary = None if owner.boundary is None else _managed(owner.boundary, picture)
    policies = Policies(identity=tuple(_sources(owner, picture)), boundary=boundary)
    account = picture.account
    resource = f"arn:{account.partition}:iam::{account.id}:user/iamsync-names-no-such-user"
    request = Request(action=_ANY_ACTION, resource=resource, context=with_mfa(context_of(user, account), mfa=True))
    return decision(policies, request).allowed is True


def _sources(user: Owner, picture: AccountPicture) -> Iterator[Source]:
    groups = (picture.seen((GROUP, name)) for name in sorted(user.groups))
    for owner in (user, *groups):
        if isinstance(owner, Owner):
            yield from (_managed(policy, picture) for policy in sorted(owner.policies))
            yield from (_source(name, document) for name, document in owner.inline.items())


def _managed(policy: Arn, picture: AccountPicture) -> Source:
    document = picture.seen((POLICY, policy))
    return _source(policy, document if isinstance(document, Document) else None)


def _source(label: str, document: Document | None) -> Source:
    return Source(label=label, document=document, denies_nothing=True)
