"""What new entries of the files can build on: the defaults of users, and what each policy set attaches."""

from collections.abc import Mapping
from dataclasses import dataclass

from iamsync.core.arn import Account, Arn
from iamsync.desired.merge import Merged
from iamsync.desired.references import arn_of, brought
from iamsync.desired.substitute import filled, values_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The defaults of users: path, boundary, tags, and the keys of all; and policy sets by name, each with all that it
    includes.
    """

    path: str
    boundary: Arn | None
    tags: Mapping[str, str]
    keys: frozenset[str]
    sets: Mapping[str, frozenset[Arn]]


def outline(whole: Merged, account: Account) -> Outline:
    """The outline in an account."""
    values = values_for(account, None, whole.vars)

    def path_of(name: str) -> str | None:
        policy = whole.policies.get(name)
        return None if policy is None else filled(policy.value.path, values)

    def arn(reference: str) -> Arn | None:
        return arn_of(filled(reference, values), account, path_of)

    defaults = whole.settings.defaults.user
    return Outline(
        path=filled(defaults.path, values),
        boundary=None if defaults.permissions_boundary is None else arn(defaults.permissions_boundary),
        tags={key: filled(value, values) for key, value in defaults.tags.items()},
        keys=frozenset(defaults.model_fields_set),
        sets={
            name: frozenset(found for one in brought(name, whole.policy_sets) if (found := arn(one.text)) is not None)
            for name in whole.policy_sets
        },
    )
