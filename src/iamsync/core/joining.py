"""Who must not join a group of which something is held back, or left out.

A group keeps a policy for a protected member, say, that the files take from it. Whoever joins it would get what the
files do not give, to the end and not only for a moment. The texts that iamsync does not know may say anything here: to
hold back a membership is no risk.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from iamsync.core import change as to
from iamsync.core.action import GROUP, POLICY, Action, Key
from iamsync.core.permissions import Ends, Harm, Reading, violations
from iamsync.core.picture import AccountPicture, Owner

_WORDS = {
    Harm.EXCESS: "would give {user} permissions that the files do not give",
    Harm.LOSS: "would take from {user} permissions that the files give",
}


def harmful_joins(
    actions: Sequence[Action], undone: AbstractSet[int], before: AccountPicture
) -> Iterator[tuple[int, str]]:
    """The memberships that must not begin, because some `undone` actions (their numbers) are not carried out.

    Example: the files detach AdministratorAccess from the group `ops` and add aiko to `ops`. If the detachment is held
    back, aiko would become an administrator by joining. So this yields the number of the action that adds aiko, and the
    reason for the report.

    Only groups are looked at of which something is undone: of the group itself, or of a policy that it has. To join one
    is harmful if it gives the user permissions that the user has neither without it nor at the end of the whole plan,
    or takes permissions that the user has in both cases. The memberships are judged in the order of the plan; a
    harmless one counts as begun when the next one is judged.
    """
    if not undone:
        return
    kept = {actions[number].key for number in undone}
    after = before.after_all(actions)
    joins = [
        number
        for number, action in enumerate(actions)
        if number not in undone
        and isinstance(action.change, to.Join)
        and _is_kept(action.change.group, kept, after, before)
    ]
    if not joins:
        return
    gone = {*undone, *joins}
    now = before.after_all(action for number, action in enumerate(actions) if number not in gone)
    for number in joins:
        action = actions[number]
        name = action.key[1]
        then = now.after(action)
        without, joined, new = (one.permissions(name, Reading.SPECIALIZED) for one in (now, then, after))
        if found := violations(without, joined, Ends(without, new)):
            yield number, _WORDS[found[0].harm].format(user=name)
        else:
            now = then


def _is_kept(group: str, kept: AbstractSet[Key], *pictures: AccountPicture) -> bool:
    """Whether something is held back of a group, or of a policy that it has."""
    found = [one for one in (picture.seen((GROUP, group)) for picture in pictures) if isinstance(one, Owner)]
    keys = {(GROUP, group), *((POLICY, str(policy)) for one in found for policy in one.policies)}
    return not keys.isdisjoint(kept)
