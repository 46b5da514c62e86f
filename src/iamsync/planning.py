"""From files and an account to a plan: look, compare, and hold back what only AWS, a delivery channel or the judge of
sign-ins can tell.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from iamsync import aws, desired, live
from iamsync.aws_checks import Checked, Places, checked
from iamsync.core import quota, sign_in
from iamsync.core.access import managed_policies_of
from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, is_aws_managed, short_name
from iamsync.core.change import CreatePassword, Minting, ReplacePassword
from iamsync.core.hold import NO_HOLDS, Holds, together
from iamsync.core.missing import missing, newly_used
from iamsync.core.model import NOWHERE, DesiredState, LiveState, Policy, Problem, User, user_subject
from iamsync.core.part import Only
from iamsync.core.pause import pausing
from iamsync.core.plan import WHOLE, Plan
from iamsync.core.reach import changed_policies, naming_roles
from iamsync.core.scope import Note, with_new_names
from iamsync.core.scope.adoption import adoption_faults
from iamsync.core.scope.denies import deny_faults, kept_denies
from iamsync.core.scope.groups import with_one_spelling
from iamsync.delivery import Destinations, RunContext, unready
from iamsync.delivery.credentials_csv import may_read_alias
from iamsync.delivery.password import LONG_ENOUGH, rules_of
from iamsync.errors import PlanRefused

if TYPE_CHECKING:
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a plan is made from, beside the account."""

    iam: "IAMClient"
    wanted: DesiredState
    now: datetime
    removals: int | None
    only: Only
    destinations: Destinations | None
    tagging: "Callable[[], ResourceGroupsTaggingAPIClient | None]" = lambda: None
    analyzer: "AccessAnalyzerClient | None" = None
    places: Places = lambda _key, _path: None
    paused: str = ""
    """Why nothing is done but to take access away; "" if all is done."""

    def plan(self, wanted: DesiredState, found: LiveState, holds: Holds = NO_HOLDS, only: Only = WHOLE) -> Plan:
        """The plan from what was found."""
        may_delete = not self.paused
        return Plan.between(
            wanted, found, holds=holds, allowed_removals=self.removals, may_delete=may_delete, only=only
        )


class Looked(NamedTuple):
    """What is `wanted`, with groups as the account spells them; what is there, the whole plan from it and the part that
    is meant; and problems at sign-in.
    """

    wanted: DesiredState
    found: LiveState
    whole: Plan
    plan: Plan
    traps: list[Problem]


def looked(look: Look, policy_tags: live.PolicyTags) -> Looked:
    """What a look finds, which need not ask for the `policy_tags` of an earlier look where there is nothing to do.

    Raises PlanRefused when a name to adopt, or a pattern of --only, fits nothing.
    """
    declared = look.wanted.policies.keys() - policy_tags.keys()
    with live.meanwhile(partial(_indexed, look, declared)) as index:
        bulk = live.read_in_bulk(look.iam, look.wanted.account)
        wanted = with_one_spelling(look.wanted, bulk.groups)
        look = replace(look, wanted=wanted)
        found, plan = _found(look, bulk, policy_tags, index)
    faults = [
        *adoption_faults(wanted.settings.adopt_names, wanted, found),
        *deny_faults(wanted, with_new_names(wanted, found)),
        *look.only.faults(wanted, found),
    ]
    if faults:
        raise PlanRefused(faults)
    by_aws = Checked() if look.analyzer is None else checked(look.analyzer, plan.actions, look.places)
    traps = [*sign_in_problems(look.iam, plan, wanted, found), *_unread(look, plan), *by_aws.warnings]
    holds: dict[str, Note] = {}
    # What is held back may have been to make room for something.
    while (more := together((*by_aws.holds, *holds.values(), *_holds(look, plan, found, traps)))) != holds:
        holds = more
        plan = look.plan(wanted, found, holds)
    part = plan
    if look.only.patterns:
        part = look.plan(wanted, found, holds, look.only)
    if changed := changed_policies(part.actions):
        roles = live.roles_with(look.iam, changed, at_once=aws.CONCURRENT_READS)
        part = replace(part, actions=naming_roles(part.actions, roles))
    return Looked(wanted, found, plan, part, traps)


Index = Callable[[], live.PolicyTags | None]


def _indexed(look: Look, asked: Collection[Arn]) -> live.PolicyTags | None:
    """The tags of the owner's policies in AWS's index; None if so few are `asked` for that each is asked, or if there
    is no index.
    """
    tagging = look.tagging() if len(asked) > live.FEW else None
    return None if tagging is None else live.indexed_tags(tagging, look.wanted.settings.owner)


def _found(look: Look, bulk: LiveState, remembered: live.PolicyTags, index: Index) -> tuple[LiveState, Plan]:
    """What is there, and the whole plan from it. What would be done, or reported, is never based on tags of policies
    that IAM has not given in this look.
    """
    known = _known_tags(look, bulk, remembered, index)
    tagged = live.tagged(look.iam, look.wanted, bulk, at_once=aws.CONCURRENT_READS, known=known)
    found, plan = _compared(look, tagged)
    if not known or is_calm(plan):
        return found, plan
    by_iam = {arn: policy.tags for arn, policy in tagged.policies.items() if arn not in known}
    told = live.tagged(look.iam, look.wanted, bulk, at_once=aws.CONCURRENT_READS, known=by_iam)
    return (found, plan) if told == tagged else _compared(look, told)


def _known_tags(look: Look, bulk: LiveState, remembered: live.PolicyTags, index: Index) -> live.PolicyTags:
    """The tags of policies that need not be asked for one by one, as long as there is nothing to do: the remembered
    ones and, where many are left, those in AWS's index. `index` is what it says if many are declared.
    """
    asked = live.tags_that_matter(look.wanted, bulk).keys() - remembered.keys()
    if len(asked) <= live.FEW:
        return remembered
    told = index()
    indexed = (_indexed(look, asked) or {}) if told is None else told
    return {**remembered, **{arn: tags for arn, tags in indexed.items() if arn in asked}}


def _compared(look: Look, tagged: LiveState) -> tuple[LiveState, Plan]:
    found = live.completed(look.iam, look.wanted, tagged, at_once=aws.CONCURRENT_READS, now=look.now)
    return found, look.plan(look.wanted, found)


def _holds(look: Look, plan: Plan, found: LiveState, traps: Iterable[Problem]) -> Iterator[Note]:
    """What is in the way of the plan that only AWS, a delivery channel or the judge of sign-ins can tell."""
    uses, denies = list(newly_used(plan.actions)), kept_denies(look.wanted, with_new_names(look.wanted, found))
    absent = {arn for arn in {arn for arn, _, _ in uses} if _is_absent(look.iam, arn)}
    yield from (missing(*use) for use in uses if use[0] in absent)
    if quota.is_near(plan, found):
        yield from quota.exceeded(plan, found, live.account_summary(look.iam), denies)
    yield from quota.crowded_out(plan, denies)
    yield from trapped(traps)
    if look.destinations is not None:
        yield from undelivered(plan, RunContext(account=plan.account, iam=look.iam, destinations=look.destinations))
    if look.paused:
        yield from pausing(plan.actions, look.paused)


def trapped(traps: Iterable[Problem]) -> Iterator[Note]:
    """Who could not sign in, and why, as far as that is certain."""
    for trap in traps:
        for name in trap.users if not trap.warning else ():
            yield Note(subject=user_subject(name), text=trap.message, origin=trap.origin)


def undelivered(plan: Plan, run: RunContext) -> Iterator[Note]:
    """Who would get a secret that cannot be delivered, and why."""
    reasons = unready(plan, run)
    for action in plan.actions:
        if isinstance(action.change, Minting) and action.change.channel in reasons:
            text = f"nothing can be delivered: {reasons[action.change.channel]}"
            yield Note(subject=action.subject, text=text, origin=action.reason)


def _unread(look: Look, plan: Plan) -> Iterator[Problem]:
    """What of the reads before a new secret the caller may not make. Where `destinations` are, the run shows it."""
    mints = [action for action in plan.actions if isinstance(action.change, Minting)]
    if mints and look.destinations is None and not may_read_alias(look.iam):
        message = "iam:ListAccountAliases is denied: the sign-in link of new credentials names the account by its id"
        yield Problem(origin=mints[0].reason or NOWHERE, path="", message=message, warning=True)


def is_calm(plan: Plan) -> bool:
    """Whether a plan has nothing to do and nothing to say that depends on the tags of policies."""
    return not (plan.actions or plan.held_back)


def sign_in_problems(iam: "IAMClient", plan: Plan, wanted: DesiredState, found: LiveState) -> list[Problem]:
    """Why a user could not sign in: with a password that this plan creates, or with an expired password after this plan
    has changed the user's permissions.
    """
    newcomers = {one.change.user for one in plan.actions if isinstance(one.change, CreatePassword | ReplacePassword)}
    affected = _affected(plan, wanted)
    expected = partial(
        sign_in.problems, replace(wanted, users=affected), live=found, have_passwords=affected.keys() - newcomers
    )
    if not newcomers and not any(expected(passwords_expire=True)):
        return []  # whatever the account's rules are
    rules = rules_of(iam)
    expected = partial(expected, users_may_change_password=rules.users_may_change, passwords_expire=rules.expire)
    found_out = tuple(expected())
    harmed = {name for problem in found_out for name in problem.users}
    if texts := _texts_of_aws(iam, newcomers | harmed, harmed, wanted, found):
        found_out = tuple(expected(live=replace(found, policies={**found.policies, **texts})))
    return sorted((*found_out, *(() if rules.is_known else (_unknown_rules(plan),))))


def _texts_of_aws(
    iam: "IAMClient", names: Iterable[str], harmed: Collection[str], wanted: DesiredState, found: LiveState
) -> dict[Arn, Policy]:
    """The present texts of AWS-managed policies, read from AWS. They are read if iamsync ships no text, or if somebody
    could not sign in by the text that it ships.
    """
    asked = {
        policy
        for name in names
        for policy in managed_policies_of(wanted.users[name], wanted, found)
        if is_aws_managed(policy) and (name in harmed or known_document(policy) is None)
    }
    texts = {policy: live.text_of_aws(iam, policy) for policy in sorted(asked)}
    return {arn: Policy(arn=arn, name=short_name(arn), path="/", document=text) for arn, text in texts.items() if text}


def _unknown_rules(plan: Plan) -> Problem:
    message = (
        f"iam:GetAccountPasswordPolicy is denied: new passwords have {LONG_ENOUGH} characters of all four classes, and "
        "where the account asks for more, they are refused"
    )
    origin = next(
        (one.reason for one in plan.actions if isinstance(one.change, CreatePassword | ReplacePassword)), None
    )
    return Problem(origin=origin or NOWHERE, path="", message=message, warning=True)


def _affected(plan: Plan, wanted: DesiredState) -> dict[str, User]:
    """The users whose permissions the plan may change: all users, if it changes a policy or a group."""
    subjects = {action.subject for action in plan.actions}
    is_shared = any(not subject.startswith(user_subject("")) for subject in subjects)
    return {name: user for name, user in wanted.users.items() if is_shared or user_subject(name) in subjects}


def _is_absent(iam: "IAMClient", policy: Arn) -> bool:
    """Whether an AWS-managed policy is one that iamsync does not know, and that AWS does not have either."""
    return is_aws_managed(policy) and not desired.is_known_to_be_aws(policy) and not live.is_attachable(iam, policy)
