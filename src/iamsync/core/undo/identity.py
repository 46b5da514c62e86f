"""Names, paths and tags, taken back."""

from dataclasses import replace

from iamsync.core.model import Policy, User
from iamsync.core.tags import OWNER_TAG, is_own_tag
from iamsync.core.undo.account import Account
from iamsync.core.undo.made import Made, pairs, refuse, text, texts


def user_updated(account: Account, call: Made) -> None:
    """A user has the earlier name, or the earlier path, again."""
    if "NewUserName" in call.params:
        old, new = text(call, "UserName"), text(call, "NewUserName")
        user = account.users.get(new) or refuse(f"no owned user is named {new} now")
        if old.casefold() in {name.casefold() for name in {**account.live.users, **account.users}} - {new}:
            refuse(f"there is another user {old} now")
        del account.users[new]
        account.users[old] = replace(user, name=old, previous_names=(*user.previous_names, new))
        return
    user, path = account.user(call), call.old.get("path")
    if user.path != text(call, "NewPath") or not isinstance(path, str):
        refuse("the path has been changed since")
    account.put(replace(user, path=path))


def tagged(account: Account, call: Made) -> None:
    """Tags that were set have their earlier values again, or go."""
    one = _tag_owner(account, call)
    new, old = pairs(call.params.get("Tags")), texts(call.old.get("tags"))
    if OWNER_TAG in new:
        refuse("was adopted: undo that with `iamsync release`")
    tags = dict(one.tags)
    for key, value in new.items():
        if is_own_tag(key):
            continue
        if tags.get(key) != value:
            refuse(f"the tag {key} has been changed since")
        del tags[key]
        tags |= {key: old[key]} if key in old else {}
    account.put(replace(one, tags=tags))


def untagged(account: Account, call: Made) -> None:
    """Tags that were removed come back, as far as the journal has their values."""
    one = _tag_owner(account, call)
    old = {key: value for key, value in texts(call.old.get("tags")).items() if not is_own_tag(key)}
    if again := sorted(old.keys() & one.tags.keys()):
        refuse(f"the tag {again[0]} is there again")
    account.put(replace(one, tags={**one.tags, **old}))


def _tag_owner(account: Account, call: Made) -> User | Policy:
    return account.user(call) if call.operation.endswith("_user") else account.policy(call)
