"""Policies that deny everything: whoever has one can do nothing. Rarely meant, and hard to see among others."""

from collections.abc import Iterable, Iterator, Mapping

from iamsync.core.arn import short_name
from iamsync.core.deny import MANAGED_DENY
from iamsync.core.document import Document
from iamsync.core.model import Attachment, DesiredState, Origin, Problem
from iamsync.core.validate import problem, step

_CURE = "whoever has it can do nothing; to take all access away from a user for a time, set `suspended: true`"


def denials(desired: DesiredState) -> Iterator[Problem]:
    """A warning for each declared policy that denies everything, and for each attachment of one that AWS manages."""
    for policy in desired.policies.values():
        if denies_everything(policy.document):
            yield _warning(policy.origin, f"policies.{step(policy.name)}", "the policy")
    for user in desired.users.values():
        at = f"users.{step(user.name)}"
        yield from _of_aws(user.attachments, user.origin, f"{at}.policies")
        yield from _inline(user.inline, user.origin, f"{at}.inline_policies")
        if user.boundary is not None and user.boundary.endswith(MANAGED_DENY):
            yield _warning(user.origin, f"{at}.permissions_boundary", short_name(user.boundary))
    for group in desired.groups.values():
        at = f"groups.{step(group.name)}"
        yield from _of_aws(group.attachments, group.origin, f"{at}.policies")
        yield from _inline(group.inline, group.origin, f"{at}.inline_policies")


def denies_everything(document: Document | None) -> bool:
    """Whether a statement denies all actions on all resources, under no condition."""
    return document is not None and any(
        one.effect == "Deny"
        and one.action_element == "Action"
        and one.actions.meaning & {"*", "*:*"}
        and one.resource_element == "Resource"
        and "*" in one.resources.meaning
        and not one.conditions
        for one in document.statements
    )


def _of_aws(attachments: Iterable[Attachment], origin: Origin | None, at: str) -> Iterator[Problem]:
    for one in attachments:
        if one.policy.endswith(MANAGED_DENY):
            yield _warning(one.origin or origin, "" if one.origin else at, short_name(one.policy))


def _inline(inline: Mapping[str, Document | None], origin: Origin | None, at: str) -> Iterator[Problem]:
    for name, document in inline.items():
        if denies_everything(document):
            yield _warning(origin, f"{at}.{step(name)}", f"the inline policy {name}")


def _warning(origin: Origin | None, at: str, what: str) -> Problem:
    return problem(origin, at, f"{what} denies everything: {_CURE}", warning=True)
