"""CreatePolicyVersion, which makes another version each time it is sent.

IAM has no compare-and-swap, so it is looked before, after a lost answer, and afterwards. A look may show what was there
some seconds ago: what it does not show is waited for where something else says that it must be there.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.marks import says
from iamsync.apply.sending import NotDone, Sending, is_full, is_lost
from iamsync.core.action import Action
from iamsync.core.arn import Arn
from iamsync.core.change import DeleteVersion, NewVersion
from iamsync.core.document import Document

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_A_WHILE = 5
"""Pauses, a quarter of a minute in all, after which what has been made is visible."""


def new_version(action: Action, change: NewVersion, sending: Sending) -> str:
    """Make the new default version, once: not if the default says it already, not again before looking.

    Another apply of the same files may do the same in the same moment. Then two versions say the same, and each run
    that sees both removes the one that is not the default: it is younger than our look, and nothing is lost with it.
    """
    arn, text = change.policy, change.new
    before = _versions(sending.iam, arn)
    if _default_says(sending.iam, arn, before, text):
        return "was so already"
    why, made = _sent_once(action, sending, arn, text)
    for twin in _twins(sending.iam, arn, _seen_with(made, arn, sending), before.keys(), text):
        _remove(twin, arn, action, sending)
    return why


def _sent_once(action: Action, sending: Sending, arn: Arn, text: Document) -> tuple[str, str]:
    """What is worth saying, and the version that was made, or "" where no answer tells."""
    made = ""

    def take(answered: Mapping[str, Any]) -> None:
        nonlocal made
        made = answered["PolicyVersion"]["VersionId"]

    pauses = sending.pauses()
    until_it_is_there: Iterator[float] = islice(sending.pauses(), _A_WHILE)
    while True:
        try:
            return sending.patiently(action, take=take), made
        except (ClientError, BotoCoreError) as error:
            if is_lost(error):
                until_it_is_there = sending.pauses()
                sending.wait(pauses, error)  # what has just been made may not be visible yet
                if _default_says(sending.iam, arn, _versions(sending.iam, arn), text):
                    return "the answer was lost, the version is there", ""
            elif is_full(error):  # though the plan has made room
                _wait_for_the_fifth(arn, text, sending, error, until_it_is_there)
                return "an earlier try, or another run, has made it", ""
            else:
                raise


def _wait_for_the_fifth(arn: Arn, text: Document, sending: Sending, error: Exception, pauses: Iterator[float]) -> None:
    """Raises `error` if the default does not come to say `text` in that time: then somebody made something else."""
    while not _default_says(sending.iam, arn, _versions(sending.iam, arn), text):
        sending.wait(pauses, error)


def _seen_with(made: str, arn: Arn, sending: Sending) -> dict[str, bool]:
    """The versions, as soon as the one that was `made` is among them: then an older twin is as well."""
    pauses = sending.pauses()
    while made not in {"", *(versions := _versions(sending.iam, arn))}:
        sending.wait(pauses, NotDone(f"version {made} is made and not to be seen; perhaps it has a twin"))
    return versions


def _twins(iam: "IAMClient", arn: Arn, after: Mapping[str, bool], before: Collection[str], text: Document) -> list[str]:
    """Versions that came since `before`, say `text`, and are not the default."""
    new = [version for version, is_default in after.items() if version not in before and not is_default]
    return [version for version in new if _still_says(iam, arn, version, text)]


def _still_says(iam: "IAMClient", arn: Arn, version: str, text: Document) -> bool:
    try:
        return says(iam, arn, version, text)
    except iam.exceptions.NoSuchEntityException:
        return False  # the other run has just removed it


def _remove(version: str, arn: Arn, action: Action, sending: Sending) -> None:
    removal = replace(action, change=DeleteVersion(arn, version, None))
    sending.repair(removal, otherwise=f"made, but its twin {version} stays")


def _default_says(iam: "IAMClient", arn: Arn, versions: dict[str, bool], text: Document) -> bool:
    return any(says(iam, arn, version, text) for version, is_default in versions.items() if is_default)


def _versions(iam: "IAMClient", arn: Arn) -> dict[str, bool]:
    """The stored versions' ids, and whether each is the default. Five at most, so always on one page."""
    return {one["VersionId"]: one["IsDefaultVersion"] for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]}
