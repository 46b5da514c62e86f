"""A picture of the account at one moment: users, groups and policy texts, and what each user may do.

Every change concerns one entity, so the next moment is the same picture with one entity replaced.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from iamsync.core import change as to
from iamsync.core.action import GROUP, POLICY, USER, Action, Key
from iamsync.core.arn import Account, Arn
from iamsync.core.change import Change
from iamsync.core.document import Document
from iamsync.core.model import Group, User
from iamsync.core.permissions import NEW_NAME, OLD_NAME, EffectivePermissions, Principal, Reading, Text, text_for


class Owner(NamedTuple):
    """What decides a user's permissions at one moment, or what a group brings its members."""

    name: str
    path: str = "/"
    tags: Mapping[str, str] = {}
    boundary: Arn | None = None
    policies: frozenset[Arn] = frozenset()
    inline: Mapping[str, Document | None] = {}
    groups: frozenset[str] = frozenset()

    @classmethod
    def of(cls, owner: User | Group) -> "Owner":
        """A user or group of the model."""
        policies = frozenset(one.policy for one in owner.attachments)
        if isinstance(owner, Group):
            return cls(owner.name, owner.path, policies=policies, inline=owner.inline)
        groups = owner.groups or frozenset()
        return cls(owner.name, owner.path, owner.tags, owner.boundary, policies, owner.inline, groups)


Seen = Owner | Document | None
"""What a picture holds of an entity; None is what does not exist."""

Held = tuple[frozenset[Arn], frozenset[str], Arn | None]
"""Policies, groups and the boundary of a user."""

NO_PERMISSIONS: Final = EffectivePermissions()


@dataclass(frozen=True, slots=True)
class ChangeOfTexts:
    """The texts that come into force or go out of it for some user, and the entities that begin or cease to reach one:
    their later texts come and go with them.
    """

    texts: Sequence[Document]
    entities: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class AccountPicture:
    """The account at one moment. `text_of` says what a managed policy says that no change of the plan has replaced yet;
    `unreadable` is what is assumed of a text that cannot be read.
    """

    account: Account
    users: Mapping[str, User]
    groups: Mapping[str, Group]
    text_of: Callable[[Arn], Document]
    unreadable: Document
    _replaced: tuple[Mapping[Key, Seen], ...] = ()
    _owners: dict[Key, Owner | None] = field(default_factory=dict)
    _as_written: dict[Arn, Text] = field(default_factory=dict)

    def after(self, action: Action) -> "AccountPicture":
        """The account when an action is done. Nothing is copied."""
        return self.layered({action.key: self.seen_after(action)})

    def after_all(self, actions: Iterable[Action]) -> "AccountPicture":
        """The account when all of these are done, in this order."""
        replaced: dict[Key, Seen] = {}
        ending = self.layered(replaced)
        for action in actions:
            replaced[action.key] = ending.seen_after(action)
        return ending

    def layered(self, replaced: Mapping[Key, Seen]) -> "AccountPicture":
        """The account with some entities as in `replaced`. A caller that fills this mapping changes the picture."""
        return AccountPicture(
            self.account,
            self.users,
            self.groups,
            self.text_of,
            self.unreadable,
            (replaced, *self._replaced),
            self._owners,
            self._as_written,
        )

    def seen_after(self, action: Action) -> Seen:
        """What an action makes of the entity that it changes."""
        return _changed(self.seen(action.key), action.key, action.change)

    def seen(self, key: Key) -> Seen:
        """An entity as it is now."""
        for replaced in self._replaced:
            if key in replaced:
                return replaced[key]
        kind, name = key
        if kind == POLICY:
            return self.text_of(Arn(name))
        if key not in self._owners:
            owner = self.users.get(name) if kind == USER else self.groups.get(name)
            self._owners[key] = None if owner is None else Owner.of(owner)
        return self._owners[key]

    def reaches(self, key: Key, name: str) -> bool:
        """Whether an entity has a part in what a user may do now."""
        kind, id_ = key
        user = None if kind == USER else self.seen((USER, name))
        if not isinstance(user, Owner):
            return id_ == name
        if kind == GROUP:
            return id_ in user.groups
        is_held = id_ == user.boundary or id_ in user.policies
        return is_held or any(id_ in self._group(group).policies for group in user.groups)

    def held(self, name: str) -> Held | None:
        """All by which others may do the same as a user now; None if there is more, or no such user."""
        user = self.seen((USER, name))
        return (user.policies, user.groups, user.boundary) if isinstance(user, Owner) and not user.inline else None

    def permissions(self, name: str, reading: Reading) -> EffectivePermissions:
        """What a user may do now: nothing if there is no such user.

        What is as written is the same for all users with the same policies; it can be compared as long as the user's
        name, path and tags do not change.
        """
        user = self.seen((USER, name))
        if not isinstance(user, Owner):
            return NO_PERMISSIONS
        principal = self._principal(user, name, reading)
        texts = self._texts(user, principal)
        for group in user.groups:
            texts += self._texts(self._group(group), principal)
        boundary = None if user.boundary is None else self._text(user.boundary, principal)
        return EffectivePermissions(texts, boundary)

    def _principal(self, user: Owner, name: str, reading: Reading) -> Principal | None:
        if reading is Reading.AS_WRITTEN:
            return None
        stand_in = NEW_NAME if user.name == name else OLD_NAME
        called = user.name if reading is Reading.SPECIALIZED else stand_in
        return Principal.of(self.account, called, user.path, user.tags)

    def _group(self, name: str) -> Owner:
        group = self.seen((GROUP, name))
        return group if isinstance(group, Owner) else Owner(name)

    def _texts(self, owner: Owner, principal: Principal | None) -> list[Text]:
        texts = [self._text(policy, principal) for policy in owner.policies]
        texts += [text_for(document or self.unreadable, principal) for document in owner.inline.values()]
        return texts

    def _text(self, policy: Arn, principal: Principal | None) -> Text:
        key = (POLICY, policy)
        for replaced in self._replaced:
            if key in replaced:
                return text_for(self._managed(policy), principal)
        if principal is not None:
            return text_for(self.text_of(policy), principal)
        text = self._as_written.get(policy)
        if text is None:
            text = self._as_written[policy] = text_for(self.text_of(policy), None)
        return text

    def change_of_texts(self, action: Action) -> "ChangeOfTexts | None":
        """The texts that an action puts into force or out of it when it is done now; None if it may be any."""
        match action.change:
            case to.Attach(_, policy) | to.Detach(_, policy):
                return ChangeOfTexts([self._managed(policy)], frozenset({(POLICY, policy)}))
            case to.NewVersion(policy, _, new) | to.RestoreVersion(policy, _, _, new):
                return ChangeOfTexts([self._managed(policy), new])
            case to.PutInline(_, name, _, new):
                return ChangeOfTexts([*self._inline(action.key, name), new])
            case to.DeleteInline(_, name):
                return ChangeOfTexts([*self._inline(action.key, name)])
            case to.Join(_, group) | to.Leave(_, group):
                return self._group_comes_or_goes(group)
            case _:
                return None

    def _group_comes_or_goes(self, name: str) -> "ChangeOfTexts":
        group = self._group(name)
        documents = [*map(self._managed, group.policies), *(one or self.unreadable for one in group.inline.values())]
        entities = frozenset({(GROUP, name), *((POLICY, policy) for policy in group.policies)})
        return ChangeOfTexts(documents, entities)

    def _inline(self, key: Key, name: str) -> Iterator[Document]:
        owner = self.seen(key)
        if isinstance(owner, Owner) and name in owner.inline:
            yield owner.inline[name] or self.unreadable

    def _managed(self, policy: Arn) -> Document:
        document = self.seen((POLICY, policy))
        return document if isinstance(document, Document) else self.unreadable


def _changed(now: Seen, key: Key, change: Change) -> Seen:
    kind, name = key
    match change:
        case to.CreateUser(user):
            return Owner(user.name, user.path, user.tags, user.boundary)
        case to.CreatePolicy(_, new) | to.NewVersion(_, _, new) | to.RestoreVersion(_, _, _, new):
            return new
        case to.Delete():
            return None
        case _ if kind == POLICY:
            return now
        case _:
            owner = now if isinstance(now, Owner) else Owner(name)
            return _with_identity(owner, change) if isinstance(change, to.Identity) else _with_access(owner, change)


def _with_access(owner: Owner, change: Change) -> Owner:
    match change:
        case to.Attach(_, policy):
            return owner._replace(policies=owner.policies | {policy})
        case to.Detach(_, policy):
            return owner._replace(policies=owner.policies - {policy})
        case to.Join(_, group):
            return owner._replace(groups=owner.groups | {group})
        case to.Leave(_, group):
            return owner._replace(groups=owner.groups - {group})
        case to.PutInline(_, name, _, new):
            return owner._replace(inline={**owner.inline, name: new})
        case to.DeleteInline(_, name):
            return owner._replace(inline={one: text for one, text in owner.inline.items() if one != name})
        case to.SetBoundary(_, _, new):
            return owner._replace(boundary=new)
        case _:
            return owner


def _with_identity(owner: Owner, change: to.Identity) -> Owner:
    match change:
        case to.Rename(_, new):
            return owner._replace(name=new)
        case to.Move(_, _, new):
            return owner._replace(path=new)
        case to.SetTags(_, tags):
            return owner._replace(tags={**_without_keys(owner.tags, tags), **tags})
        case to.RemoveTags(_, keys):
            return owner._replace(tags=_without_keys(owner.tags, keys))


def _without_keys(tags: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Tags without some keys, which IAM does not tell apart by case ("Tagging IAM resources")."""
    gone = {key.lower() for key in keys}
    return {key: value for key, value in tags.items() if key.lower() not in gone}
