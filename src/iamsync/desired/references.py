"""From names to policies: what a reference stands for, and what each policy set brings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from iamsync.aws_data import managed_policies
from iamsync.core.arn import Account, Arn, aws_policy_arn, parse_policy_arn, policy_arn
from iamsync.core.iam_limits import MOST_POLICIES_PER_USER
from iamsync.core.model import Origin, Problem
from iamsync.core.validate import shown
from iamsync.desired.grants import Grant, listed
from iamsync.desired.merge import Declared, DeclaredDefaults, Merged
from iamsync.desired.near import did_you_mean, nearest
from iamsync.desired.places import Path
from iamsync.desired.policies import SetEntry
from iamsync.desired.schema import UserEntry

AWS: Final = "aws:"
MAX_SETS: Final = 100


class Reference(NamedTuple):
    """A policy as somebody named it, and where."""

    text: str
    origin: Origin


def aws_policies() -> Mapping[str, str]:
    """AWS's own policies by name, each with its path before it as in a reference (`job-function/Billing`)."""
    return managed_policies.index().paths


def is_known_to_be_aws(arn: Arn) -> bool:
    """Whether this version of iamsync knows the AWS-managed policy: by its name and its path."""
    parts = parse_policy_arn(arn)
    return parts is not None and aws_policies().get(parts.name) == f"{parts.path[1:]}{parts.name}"


def arn_of(reference: str, account: Account, path_of: Callable[[str], str | None]) -> Arn | None:
    """The ARN that a reference stands for, or None if nothing is declared by that name."""
    if reference.startswith("arn:"):
        return Arn(reference)
    if reference.startswith(AWS):
        return aws_policy_arn(account.partition, reference.removeprefix(AWS))
    path = path_of(reference)
    return None if path is None else policy_arn(account, path, reference)


def brought(name: str, sets: Mapping[str, Declared[SetEntry]]) -> tuple[Reference, ...]:
    """The policies of a set and of all it includes, each once; no more than just too many."""
    named = ((text, one, index) for one in _closure(name, sets) for index, text in enumerate(sets[one].value.policies))
    first: dict[str, Reference] = {}
    for text, one, index in named:
        if text not in first:
            first[text] = Reference(text, sets[one].origin_of("policies", index))
        if len(first) > MOST_POLICIES_PER_USER:
            break
    return tuple(first.values())


def _closure(name: str, sets: Mapping[str, Declared[SetEntry]]) -> Mapping[str, None]:
    """A set and all it includes, each once, so that a circle ends; no more than just too many."""
    seen: dict[str, None] = {}
    waiting = [name]
    while waiting and len(seen) <= MAX_SETS:
        one = waiting.pop()
        if one in sets and one not in seen:
            seen[one] = None
            waiting += reversed(sets[one].value.includes)
    return seen


def problems(whole: Merged) -> Iterator[Problem]:
    """References to nothing, and sets that include themselves."""
    if not whole.is_complete:
        return
    for bundle in whole.policy_sets.values():
        yield from _policies_faults(bundle, whole, bundle.value.policies)
        yield from _sets_faults(bundle, whole, "includes", bundle.value.includes)
    yield from _circles(whole.policy_sets)
    yield from _crowds(whole.policy_sets)
    for group in whole.groups.values():
        yield from _policies_faults(group, whole, group.value.policies)
        yield from _sets_faults(group, whole, "policy_sets", group.value.policy_sets)
    for user in whole.users.values():
        yield from _policies_faults(user, whole, user.value.policies)
        yield from _sets_faults(user, whole, "policy_sets", user.value.policy_sets)
        yield from _group_warnings(user, whole)
        if user.value.permissions_boundary is not None:
            yield from _policy_faults(user, whole, user.value.permissions_boundary, ("permissions_boundary",))
    yield from _sets_faults(whole.defaults, whole, "policy_sets", whole.defaults.value.policy_sets)
    yield from _group_warnings(whole.defaults, whole)
    default = whole.settings.defaults.user.permissions_boundary
    if default is not None:
        path = ("defaults", "user", "permissions_boundary")
        for message, warning in reference_faults(default, whole):
            yield replace(whole.settings_problem(message, *path), warning=warning)


def _placed(grants: Iterable[str | Grant], *at: str) -> Iterator[tuple[str, Path]]:
    """Each name that is granted in the list `at` a path, with the path to it."""
    for index, grant in enumerate(grants):
        yield (grant, (*at, index)) if isinstance(grant, str) else (grant.name, (*at, index, "name"))


def _policies_faults(place: Declared[Any], whole: Merged, grants: Iterable[str | Grant]) -> Iterator[Problem]:
    for text, path in _placed(grants, "policies"):
        yield from _policy_faults(place, whole, text, path)


def _policy_faults(place: Declared[Any], whole: Merged, text: str, path: Path) -> Iterator[Problem]:
    for message, warning in reference_faults(text, whole):
        yield place.problem(message, *path, warning=warning)


def reference_faults(text: str, whole: Merged) -> Iterator[tuple[str, bool]]:
    """What is wrong with the name of a policy, and whether that is only probable."""
    if "{{" in text:
        return
    if (beginning := _beginning_of_aws(text)) is not None:
        yield from _aws_faults(text, beginning)
    elif text not in whole.names["policies"] and not text.startswith("arn:"):
        aws = aws_policies().get(text.rpartition("/")[2])
        hint = f'; AWS has one: write "{AWS}{aws}"' if aws else did_you_mean(text, whole.names["policies"])
        is_set = "; it is a policy set" if text in whole.names["policy_sets"] else ""
        yield f"no policy {shown(text)} is declared{is_set or hint}", False


def _beginning_of_aws(text: str) -> str | None:
    """What stands before the path and the name of an AWS-managed policy; None if another policy is named."""
    parts = parse_policy_arn(text)
    if parts is not None and parts.account == "aws":
        return aws_policy_arn(parts.partition, "")
    return AWS if text.startswith(AWS) else None


def _aws_faults(text: str, beginning: str) -> Iterator[tuple[str, bool]]:
    """That AWS has no such policy, as far as this version knows. What other partitions have beside is not published."""
    name = text.removeprefix(beginning)
    known = aws_policies().get(name.rpartition("/")[2])
    if known != name:
        near = known or nearest(name.rpartition("/")[2], aws_policies())
        hint = f'; did you mean "{beginning}{aws_policies()[near.rpartition("/")[2]]}"?' if near else ""
        if hint or beginning in {AWS, aws_policy_arn("aws", "")}:
            yield f"{shown(text)} is no policy of AWS that this version knows{hint}", True


def _sets_faults(
    place: Declared[Any] | DeclaredDefaults, whole: Merged, field: str, grants: Iterable[str | Grant]
) -> Iterator[Problem]:
    for name, path in _placed(grants, field):
        if name not in whole.names["policy_sets"] and "{{" not in name:
            hint = did_you_mean(name, whole.names["policy_sets"])
            if name in whole.names["policies"] or name.startswith((AWS, "arn:")):
                hint = "; it is a policy, so it belongs under `policies`"
            yield place.problem(f"no policy set {shown(name)} is declared{hint}", *path)


def _group_warnings(user: Declared[UserEntry] | DeclaredDefaults, whole: Merged) -> Iterator[Problem]:
    """A group may well exist without being declared, so only a near miss is reported."""
    at, grants = listed(user.value, "groups")
    for name, path in _placed(grants, *at):
        near = nearest(name, whole.names["groups"])
        if near and near.casefold() != name.casefold():
            yield user.problem(f'no group {shown(name)} is declared; did you mean "{near}"?', *path, warning=True)


def _circles(sets: Mapping[str, Declared[SetEntry]]) -> Iterator[Problem]:
    """Each include that closes a circle, found by going down once from every set; linear in all includes."""
    done: set[str] = set()
    for start in sorted(sets):
        way: dict[str, Iterator[tuple[int, str]]] = {start: enumerate(sets[start].value.includes)}
        while start not in done:
            here = next(reversed(way))
            index, name = next(way[here], (0, None))
            if name is None:
                done.add(here)
                del way[here]
            elif name in way:
                names = list(way)
                circle = " -> ".join([*names[names.index(name) :], name])
                yield sets[here].problem(f"the set includes itself: {circle}", "includes", index)
            elif name in sets and name not in done:
                way[name] = enumerate(sets[name].value.includes)


def _crowds(sets: Mapping[str, Declared[SetEntry]]) -> Iterator[Problem]:
    for bundle in sets.values():
        if bundle.value.includes and len(_closure(bundle.name, sets)) > MAX_SETS:
            yield bundle.problem(f"includes more than {MAX_SETS} sets, one through the other", "includes")
        elif len(brought(bundle.name, sets)) > MOST_POLICIES_PER_USER:
            yield bundle.problem(f"brings more than {MOST_POLICIES_PER_USER} policies; AWS attaches no more to a user")
