"""The parts of the order one by one. The laws judge what they make together, by calls and moments alone."""

from collections.abc import Sequence

import pytest
from states import OURS, arn_of, deny, desired, group, live, policy, user
from states import allow as allowing

from iamsync.core import change as to
from iamsync.core.action import Action
from iamsync.core.document import Document
from iamsync.core.model import Console, DesiredState, LiveState
from iamsync.core.order import Ended, Graph, Hindrance, Phase, Progress, phase_of
from iamsync.core.order.concern import Planned, planned
from iamsync.core.order.moments import Judge, Moment, Violations
from iamsync.core.order.needs import needs_of
from iamsync.core.order.progress import MOST_UNKNOWN
from iamsync.core.order.search import LONGEST, best_order
from iamsync.core.order.trial import ordered
from iamsync.core.permissions import Harm
from iamsync.core.plan import Plan
from iamsync.core.plan_input import PlanInput

A, B = arn_of("A"), arn_of("B")
SQS, SNS = allowing("sqs:*"), allowing("sns:*")


def number_of(plan: Plan, change: type[object], subject: str) -> int:
    return next(
        number for number, one in enumerate(plan.actions) if isinstance(one.change, change) and one.subject == subject
    )


def concerned(plan: Plan, change: type[object], subject: str) -> frozenset[str]:
    return planned(plan.actions, plan.before)[number_of(plan, change, subject)].users


# ---- concern ----


def test_a_text_concerns_who_leaves_a_group_that_gets_the_policy_later() -> None:
    old = live(user("aiko", groups=["ops"]), user("bo"), group("ops"), policy("A", SQS))
    new = desired(user("aiko"), user("bo"), group("ops", A), policy("A", SNS))

    assert concerned(Plan.between(new, old), to.NewVersion, "policy/A") == {"aiko"}


def test_an_attachment_to_a_group_concerns_its_members_before_and_after() -> None:
    old = live(user("aiko", groups=["ops"]), user("bo"), user("chen"), group("ops"), policy("A", SQS))
    new = desired(user("aiko"), user("bo", groups=["ops"]), user("chen"), group("ops", A), policy("A", SQS))

    assert concerned(Plan.between(new, old), to.Attach, "group/ops") == {"aiko", "bo"}


def test_the_text_of_a_boundary_concerns_who_has_it_now_and_who_gets_it() -> None:
    old = live(user("aiko", boundary=A), user("bo"), user("chen", B), policy("A", SQS), policy("B", SQS))
    new = desired(user("aiko"), user("bo", boundary=A), user("chen", B), policy("A", SNS), policy("B", SQS))

    assert concerned(Plan.between(new, old), to.NewVersion, "policy/A") == {"aiko", "bo"}


def test_a_text_that_nobody_holds_concerns_nobody() -> None:
    plan = Plan.between(desired(user("aiko"), policy("A", SNS)), live(user("aiko"), policy("A", SQS)))

    assert concerned(plan, to.NewVersion, "policy/A") == frozenset()


# ---- needs ----


def test_what_an_action_needs_is_done_before_it_and_nothing_else_is_needed() -> None:
    old = live(user("aiko", B), policy("B", SNS))
    new = desired(user("aiko", A), user("bo", A, console=Console()), policy("A", SQS), prune=True, percent=False)
    plan = Plan.between(new, old)
    needs = plan.graph.needs
    made, bo_made = number_of(plan, to.CreatePolicy, "policy/A"), number_of(plan, to.CreateUser, "user/bo")
    attached = number_of(plan, to.Attach, "user/bo")

    assert needs[made] == needs[bo_made] == frozenset()
    assert needs[number_of(plan, to.Attach, "user/aiko")] == {made}
    assert needs[attached] == {made, bo_made}
    assert needs[number_of(plan, to.CreatePassword, "user/bo")] == {bo_made, attached}
    assert needs[number_of(plan, to.Delete, "policy/B")] == {number_of(plan, to.Detach, "user/aiko")}


# ---- graph ----


def test_what_concerns_different_users_is_not_joined_and_a_shared_text_joins_it() -> None:
    old = live(user("aiko", A), user("bo", A), policy("A", SQS), policy("B", SNS))
    apart = Plan.between(desired(user("aiko", A, B), user("bo", A, B), policy("A", SQS), policy("B", SNS)), old)
    joined = Plan.between(desired(user("aiko", A, B), user("bo", A, B), policy("A", SNS), policy("B", SNS)), old)
    text = number_of(joined, to.NewVersion, "policy/A")
    attachments = {number_of(joined, to.Attach, "user/aiko"), number_of(joined, to.Attach, "user/bo")}

    assert apart.graph.after == (frozenset(), frozenset())
    assert joined.graph.after[text] == attachments
    assert joined.graph.needs[text] == frozenset()


def test_the_picture_of_the_page_about_the_order_is_the_graph_of_its_plan() -> None:
    new, old, shared = arn_of("New"), arn_of("Old"), arn_of("Shared")
    policies = (policy("Old", allowing("ec2:Describe*")), policy("New", allowing("ec2:*")))
    plan = Plan.between(
        desired(
            *(user(name, new, shared) for name in ("aiko", "bo")),
            user("chen", new),
            *policies,
            policy("Shared", allowing("s3:*", "sns:*")),
        ),
        live(
            *(user(name, old, shared) for name in ("aiko", "bo")),
            user("chen", old),
            *policies,
            policy("Shared", allowing("s3:*", "sqs:*")),
        ),
    )
    text = number_of(plan, to.NewVersion, "policy/Shared")
    attach = {name: number_of(plan, to.Attach, f"user/{name}") for name in ("aiko", "bo", "chen")}
    detach = {name: number_of(plan, to.Detach, f"user/{name}") for name in ("aiko", "bo", "chen")}

    assert len(plan.actions) == 7
    assert [plan.graph.after[number] for number in attach.values()] == [frozenset()] * 3
    assert plan.graph.after[text] == {attach["aiko"], attach["bo"]}
    assert plan.graph.after[detach["aiko"]] == plan.graph.after[detach["bo"]] == {text}
    assert plan.graph.after[detach["chen"]] == {attach["chen"]}


def test_what_came_after_an_action_that_is_left_out_comes_after_what_that_came_after() -> None:
    chain = Graph(
        needs=(frozenset(), frozenset({0}), frozenset()),
        after=(frozenset(), frozenset({0}), frozenset({1})),
    )

    assert chain.without(frozenset({1})) == Graph(needs=(frozenset(), frozenset()), after=(frozenset(), frozenset({0})))
    assert chain.without(frozenset({0, 1})) == Graph(needs=(frozenset(),), after=(frozenset(),))


# ---- phase ----

ME = to.Entity(to.Kind.USER, "aiko")
BOTH = Document.parse(
    {"Version": "2012-10-17", "Statement": [one.as_json() for text in (SQS, deny("iam:*")) for one in text.statements]}
)


@pytest.mark.parametrize(
    ("change", "phase"),
    [
        (to.SetBoundary("aiko", None, A), Phase.RESTRICT),
        (to.SetBoundary("aiko", A, None), Phase.RELAX),
        (to.SetBoundary("aiko", A, arn_of("Less")), Phase.RESTRICT),
        (to.SetBoundary("aiko", arn_of("Less"), A), Phase.RELAX),
        (to.Attach(ME, arn_of("Guard")), Phase.RESTRICT),
        (to.Attach(ME, arn_of("Both")), Phase.RESTRICT_AND_GRANT),
        (to.Attach(ME, A), Phase.GRANT),
        (to.NewVersion(A, SQS, SNS), Phase.REPLACE),
        (to.NewVersion(A, SQS, allowing("sqs:*", "sns:*")), Phase.GRANT),
        (to.NewVersion(A, allowing("sqs:*", "sns:*"), SQS), Phase.REVOKE),
        (to.Detach(ME, A), Phase.REVOKE),
        (to.Detach(ME, arn_of("Guard")), Phase.RELAX),
        (to.Detach(ME, arn_of("Both")), Phase.RELAX),
        (to.Join("aiko", "ops"), Phase.RESTRICT),
        (to.Leave("aiko", "ops"), Phase.RELAX),
    ],
)
def test_the_phase_of_a_change_of_permissions_follows_from_what_comes_and_goes(change: to.Change, phase: Phase) -> None:
    things = (
        policy("A", SQS),
        policy("Less", allowing("sqs:SendMessage")),
        policy("Guard", deny("iam:*")),
        policy("Both", BOTH),
        group("ops", arn_of("Guard")),
    )
    plan = PlanInput(desired=desired(*things), live=live(*things), known=live(*things))

    assert phase_of(Action(change=change, subject="user/aiko"), plan) == phase


# ---- trial and search ----


class Counted(Judge):
    """Counts what it is asked."""

    questions = 0

    def violations(self, now: Moment, one: Planned, then: Moment, name: str) -> Violations:
        self.questions += 1
        return super().violations(now, one, then, name)


def guard(allows: str, denies: str) -> Document:
    """A document that allows one thing and denies another."""
    effects = {"Allow": allows, "Deny": denies}
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in effects.items()]
    return Document.parse({"Version": "2012-10-17", "Statement": statements})


def guarding_each_other(users: int) -> tuple[DesiredState, LiveState]:
    """Everybody gets two policies of which each denies what the other allows, so that each call opens a window; a
    shared text makes one component of it.
    """
    kept, names = arn_of("P"), [f"u{number}" for number in range(users)]
    two = (policy("A", guard("sqs:*", "sns:*")), policy("B", guard("sns:*", "sqs:*")))
    old = live(*two, policy("P", allowing("s3:*", "rds:*")), *(user(name, kept) for name in names))
    new = desired(*two, policy("P", allowing("s3:*", "ec2:*")), *(user(name, A, B, kept) for name in names))
    return new, old


def component(new: DesiredState, old: LiveState) -> tuple[Sequence[Planned], dict[int, set[int]], Counted]:
    plan = Plan.between(new, old)
    actions = planned(plan.actions, plan.before)
    judge = Counted(plan.before, actions)
    return actions, needs_of(actions, plan.before, judge.after.picture).all, judge


def questions(users: int) -> int:
    actions, before, judge = component(*guarding_each_other(users))
    found = ordered(actions, before, judge, frozenset())
    assert not found.is_harmless
    return judge.questions


def test_planning_without_a_safe_order_asks_twice_as_much_for_twice_as_many_users() -> None:
    assert questions(50) > 0
    assert questions(100) <= 2.1 * questions(50)


def test_a_component_of_too_many_actions_is_not_searched_and_the_window_says_so() -> None:
    few, many = guarding_each_other(3), guarding_each_other(LONGEST)
    found = best_order(*component(*few))

    assert found is not None
    assert found.violations > 0
    assert best_order(*component(*many)) is None
    assert {one.window.all_orders_tried for one in Plan.between(*few).actions if one.window} == {True}
    assert {one.window.all_orders_tried for one in Plan.between(*many).actions if one.window} == {False}


def test_a_search_finds_the_harmless_order_whatever_the_phases_say() -> None:
    ops = allowing("sqs:*")
    only_ops = Document.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                **ops.statements[0].as_json(),
                "Condition": {"StringEquals": {"aws:PrincipalTag/Team": "ops"}},
            },
        }
    )
    policies = (policy("A", only_ops), policy("B", ops), policy("P", allowing("*")))
    old = live(user("aiko", arn_of("P"), boundary=A, tags={**OURS, "Team": "ops"}), *policies)
    new = desired(user("aiko", arn_of("P"), boundary=B, tags={**OURS, "Team": "data"}), *policies)
    found = best_order(*component(new, old))

    assert found is not None
    assert found.violations == 0
    assert [type(one.action.change) for one in found.order] == [to.SetBoundary, to.SetTags]


# ---- windows ----


def test_a_window_ends_with_the_call_after_which_nothing_of_it_is_left() -> None:
    policies = (policy("A", guard("sqs:*", "sns:*")), policy("B", guard("sns:*", "sqs:*")))
    new = desired(user("aiko", A, B, arn_of("C")), *policies, policy("C", allowing("ec2:*")))
    plan = Plan.between(new, live(user("aiko"), *policies))
    (opened,) = [one for one in plan.actions if one.window]

    assert opened.window is not None
    assert opened.change == to.Attach(ME, A)
    assert opened.window.until is not None
    assert opened.window.until.change == to.Attach(ME, B)
    assert [(name, one.harm) for name, one in opened.window.violations] == [("aiko", Harm.EXCESS)]


# ---- progress ----


def progress_of(new: DesiredState, old: LiveState) -> tuple[Plan, Progress]:
    plan = Plan.between(new, old)
    return plan, Progress(plan.actions, plan.graph, plan.before)


def swapped(*names: str) -> tuple[DesiredState, LiveState]:
    """Everybody has sqs:* by one policy before, and by another after."""
    policies = (policy("A", SQS), policy("B", SQS))
    return (desired(*policies, *(user(name, B) for name in names)), live(*policies, *(user(name, A) for name in names)))


def started(progress: Progress) -> list[int]:
    found = []
    while not progress.is_waiting:
        found.append(progress.start())
    return found


def test_an_action_starts_when_those_before_it_have_ended() -> None:
    plan, progress = progress_of(*swapped("aiko", "bo"))
    first = started(progress)

    assert [type(plan.actions[number].change) for number in first] == [to.Attach, to.Attach]
    progress.end(first[1], Ended.DONE)
    (then,) = started(progress)
    assert (type(plan.actions[then].change), plan.actions[then].subject) == (to.Detach, "user/bo")
    assert progress.hindrance(then) is None


@pytest.mark.parametrize("ended", [Ended.NOT_DONE, Ended.UNKNOWN])
def test_what_would_take_from_somebody_what_both_ends_give_is_not_done(ended: Ended) -> None:
    plan, progress = progress_of(*swapped("aiko"))
    progress.end(progress.start(), ended)

    assert progress.hindrance(progress.start()) == Hindrance(harmed="aiko")
    assert len(plan.actions) == 2


def test_what_needs_an_action_that_was_not_done_is_not_done() -> None:
    _, progress = progress_of(desired(user("aiko", A), policy("A", SQS)), live())
    policy_and_user = started(progress)
    progress.end(policy_and_user[0], Ended.DONE)
    progress.end(policy_and_user[1], Ended.NOT_DONE)

    assert progress.hindrance(progress.start()) == Hindrance(blocked_by=policy_and_user[1])


def test_an_action_that_harms_nobody_is_done_after_a_failure() -> None:
    policies = (policy("A", SQS), policy("B", SNS))
    _, progress = progress_of(desired(user("aiko", A, B), *policies), live(user("aiko"), *policies))
    progress.end(progress.start(), Ended.NOT_DONE)

    assert progress.hindrance(progress.start()) is None


def test_with_too_many_unknown_outcomes_nothing_is_done_that_changes_permissions() -> None:
    names = [f"N{number}" for number in range(MOST_UNKNOWN + 2)]
    policies = [policy(name, allowing(f"s3:Get{name}")) for name in names]
    _, progress = progress_of(desired(user("aiko", *map(arn_of, names)), *policies), live(user("aiko"), *policies))
    hindrances = []
    for _ in names:
        number = progress.start()
        hindrances.append(progress.hindrance(number))
        progress.end(number, Ended.UNKNOWN)

    assert hindrances == [None] * (MOST_UNKNOWN + 1) + [Hindrance(harmed="aiko")]
