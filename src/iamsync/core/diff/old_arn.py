"""Texts that name a user or group by the ARN that it had."""

from collections.abc import Iterator

from iamsync.core.action import OldArnNote
from iamsync.core.plan_input import PlanInput


def naming_the_old_arn(old: str, plan: PlanInput) -> Iterator[OldArnNote]:
    """The texts that name `user/people/aiko`, or `group/teams/ops`. Principal elements follow a new name or path, text
    in Resource and Condition does not (API_UpdateUser).
    """
    named = plan.named_in_texts.get(old, ())
    yield from (OldArnNote(subject=subject, inline=name, old=old) for subject, name in named)
