"""Whoever changes where the secrets of a user go must be seen before a secret goes there.

The destination, channels and fingerprints of recipients, is noted in a tag on the user. A new user is created with the
tag. Where the files and the tag of a live user differ, the run sets the tag and makes no password and no access key for
the user; the next run makes them. So does a run that finds no tag, which stands for the default channel: the tag was
never set, or somebody has removed it.
"""

from collections.abc import Iterator

from iamsync.core.iam_limits import TAGS
from iamsync.core.model import DesiredState, LiveState, User, user_subject
from iamsync.core.scope.note import Note
from iamsync.core.tags import DELIVERY_TAG

_DEFAULT = "the default channel"


def is_elsewhere(desired: User, live: User) -> bool:
    """Whether the secrets of a user go elsewhere than the tag says."""
    return desired.destination is not None and live.tags.get(DELIVERY_TAG, "") != desired.destination


def has_room(desired: User, live: User) -> bool:
    """Whether the tag has room among the tags of the user before and after the plan. AWS's own do not count."""
    if DELIVERY_TAG in live.tags or not desired.destination:
        return True
    keys = {key.lower() for key in (*live.tags, *desired.tags) if not key.startswith("aws:")}
    return len(keys) < TAGS


def elsewhere(desired: DesiredState, live: LiveState) -> Iterator[Note]:
    """Of whom the secrets go elsewhere from now on, so that this run makes none."""
    for name, user in sorted(desired.users.items()):
        found = live.users.get(name)
        if found is None or not is_elsewhere(user, found):
            continue
        before, now = found.tags.get(DELIVERY_TAG) or _DEFAULT, user.destination or _DEFAULT
        text = (
            f"new passwords and access keys go to {now}, no longer to {before}: this run makes none and notes it in the"
        )
        text = f"{text} tag {DELIVERY_TAG}, the next one makes them"
        if not has_room(user, found):
            text = f"{text}. But the user has no room for the tag: AWS allows {TAGS} tags, remove one"
        yield Note(subject=user_subject(name), text=text, origin=user.origin, credentials_only=True)
