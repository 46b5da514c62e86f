"""A picture of the account at one moment: users, groups and policy texts, and what each user may do.

Every change concerns one entity, so the next moment is the same picture with one entity replaced.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.arn import Account, Arn
from iamsync.core.change import Change, Kind
from iamsync.core.document import Document
from iamsync.core.model import Attachment, Group, User
from iamsync.core.permissions import EffectivePermissions, Principal, Text, text_for

Seen = User | Group | Document | None
"""What a picture holds of an entity; None is what does not exist."""

Key = tuple[str, str]
"""The kind of an entity, and a user's name after the plan, a group's name, or a policy's ARN."""

USER: Final = Kind.USER.value
GROUP: Final = Kind.GROUP.value
POLICY: Final = Kind.POLICY.value

NO_PERMISSIONS: Final = EffectivePermissions()

Owner = TypeVar("Owner", User, Group)


def key_of(action: Action) -> Key:
    """The entity that an action changes."""
    kind, _, name = action.subject.partition("/")
    match action.change:
        case (
            to.NewVersion(policy)
            | to.RestoreVersion(policy)
            | to.DeleteVersion(policy)
            | to.Delete(to.Entity(Kind.POLICY, policy))
            | to.SetTags(to.Entity(Kind.POLICY, policy))
            | to.RemoveTags(to.Entity(Kind.POLICY, policy))
        ):
            return POLICY, policy
        case to.CreatePolicy(policy):
            return POLICY, policy.arn
        case _:
            return kind, name


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
    _as_written: dict[Arn, Text] = field(default_factory=dict)

    def after(self, action: Action) -> "AccountPicture":
        """The account when an action is done. Nothing is copied."""
        return self.layered({key_of(action): self.seen_after(action)})

    def layered(self, replaced: Mapping[Key, Seen]) -> "AccountPicture":
        """The account with some entities as in `replaced`. A caller that fills this mapping changes the picture."""
        return replace(self, _replaced=(replaced, *self._replaced))

    def seen_after(self, action: Action) -> Seen:
        """What an action makes of the entity that it changes."""
        key = key_of(action)
        return _changed(self.seen(key), key, action.change)

    def seen(self, key: Key) -> Seen:
        """An entity as it is now."""
        for replaced in self._replaced:
            if key in replaced:
                return replaced[key]
        kind, name = key
        if kind == USER:
            return self.users.get(name)
        return self.groups.get(name) if kind == GROUP else self.text_of(Arn(name))

    def reaches(self, key: Key, name: str) -> bool:
        """Whether an entity has a part in what a user may do now."""
        user = self.seen((USER, name))
        kind, id_ = key
        if kind == USER or not isinstance(user, User):
            return id_ == name
        if kind == GROUP:
            return id_ in (user.groups or ())
        groups = (self.seen((GROUP, group)) for group in user.groups or ())
        policy = Attachment(policy=Arn(id_))
        return (
            user.boundary == id_
            or policy in user.attachments
            or any(isinstance(group, Group) and policy in group.attachments for group in groups)
        )

    def permissions(self, name: str, *, specialized: bool) -> EffectivePermissions:
        """What a user may do now: nothing if there is no such user.

        Where a statement depends on the principal, it is `specialized` to the user as the user is now, or left as it is
        written. The latter is the same for all users with the same policies; it can be compared as long as the user's
        name, path and tags do not change.
        """
        user = self.seen((USER, name))
        if not isinstance(user, User):
            return NO_PERMISSIONS
        principal = Principal.of(user, self.account) if specialized else None
        owners: list[User | Group] = [user, *map(self._group, user.groups or ())]
        boundary = None if user.boundary is None else self._text(user.boundary, principal)
        return EffectivePermissions((text for one in owners for text in self._texts(one, principal)), boundary)

    def _group(self, name: str) -> Group:
        group = self.seen((GROUP, name))
        return group if isinstance(group, Group) else Group(name=name, path="/")

    def _texts(self, owner: User | Group, principal: Principal | None) -> Iterator[Text]:
        yield from (self._text(one.policy, principal) for one in owner.attachments)
        yield from (text_for(document or self.unreadable, principal) for document in owner.inline.values())

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
        key = key_of(action)
        match action.change:
            case to.Attach(_, policy) | to.Detach(_, policy):
                return ChangeOfTexts([self._managed(policy)], frozenset({(POLICY, policy)}))
            case to.NewVersion(policy, _, new) | to.RestoreVersion(policy, _, _, new):
                return ChangeOfTexts([self._managed(policy), new])
            case to.PutInline(_, name, _, new):
                return ChangeOfTexts([*self._inline(key, name), new])
            case to.DeleteInline(_, name):
                return ChangeOfTexts([*self._inline(key, name)])
            case to.Join(_, group) | to.Leave(_, group):
                return self._group_comes_or_goes(group)
            case _:
                return None

    def _group_comes_or_goes(self, name: str) -> "ChangeOfTexts":
        group = self._group(name)
        policies = [one.policy for one in group.attachments]
        documents = [*map(self._managed, policies), *(one or self.unreadable for one in group.inline.values())]
        entities = frozenset({(GROUP, name), *((POLICY, policy) for policy in policies)})
        return ChangeOfTexts(documents, entities)

    def _inline(self, key: Key, name: str) -> Iterator[Document]:
        owner = self.seen(key)
        if isinstance(owner, User | Group) and name in owner.inline:
            yield owner.inline[name] or self.unreadable

    def _managed(self, policy: Arn) -> Document:
        document = self.seen((POLICY, policy))
        return document if isinstance(document, Document) else self.unreadable


def _changed(now: Seen, key: Key, change: Change) -> Seen:
    match change:
        case to.CreateUser(user):
            tags, boundary = user.tags, user.boundary
            return User(name=user.name, path=user.path, tags=tags, boundary=boundary, groups=frozenset())
        case to.CreatePolicy(_, new) | to.NewVersion(_, _, new) | to.RestoreVersion(_, _, _, new):
            return new
        case to.Delete():
            return None
        case _:
            pass
    kind, name = key
    if kind == GROUP:
        group = now if isinstance(now, Group) else Group(name=name, path="/")
        return _changed_owner(group, change)
    if kind == USER:
        user = now if isinstance(now, User) else User(name=name, groups=frozenset())
        return _changed_user(user, change)
    return now


def _changed_user(user: User, change: Change) -> User:
    match change:
        case to.Rename(_, new):
            return replace(user, name=new)
        case to.Move(_, _, new):
            return replace(user, path=new)
        case to.SetTags(_, tags):
            return replace(user, tags={**_without_keys(user.tags, tags), **tags})
        case to.RemoveTags(_, keys):
            return replace(user, tags=_without_keys(user.tags, keys))
        case to.SetBoundary(_, _, new):
            return replace(user, boundary=new)
        case to.Join(_, group):
            return replace(user, groups=(user.groups or frozenset()) | {group})
        case to.Leave(_, group):
            return replace(user, groups=(user.groups or frozenset()) - {group})
        case _:
            return _changed_owner(user, change)


def _changed_owner(owner: Owner, change: Change) -> Owner:
    match change:
        case to.Attach(_, policy):
            return replace(owner, attachments=owner.attachments | {Attachment(policy=policy)})
        case to.Detach(_, policy):
            return replace(owner, attachments=owner.attachments - {Attachment(policy=policy)})
        case to.PutInline(_, name, _, new):
            return replace(owner, inline={**owner.inline, name: new})
        case to.DeleteInline(_, name):
            return replace(owner, inline={one: text for one, text in owner.inline.items() if one != name})
        case _:
            return owner


def _without_keys(tags: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Tags without some keys, which IAM does not tell apart by case ("Tagging IAM resources")."""
    gone = {key.lower() for key in keys}
    return {key: value for key, value in tags.items() if key.lower() not in gone}
