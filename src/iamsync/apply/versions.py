"""CreatePolicyVersion, which makes another version each time it is sent.

IAM has no compare-and-swap, so it is looked before, after a lost answer, and afterwards.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.marks import says
from iamsync.apply.sending import Sending, is_lost
from iamsync.core.action import Action, Verb

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def new_version(action: Action, sending: Sending) -> str:
    """Make the new default version, once: not if the default says it already, not again before looking.

    Another apply of the same files may do the same in the same moment. Then two versions say the same, and each run
    that sees both removes the one that is not the default: it is younger than our look, and nothing is lost with it.
    """
    arn, text = str(action.params["PolicyArn"]), str(action.params["PolicyDocument"])
    before = _versions(sending.iam, arn)
    if _default_says(sending.iam, arn, before, text):
        return "was so already"
    why = _sent_once(action, sending, arn, text)
    for twin in _twins(sending.iam, arn, before.keys(), text):
        _remove(twin, action, sending)
    return why


def _sent_once(action: Action, sending: Sending, arn: str, text: str) -> str:
    pauses = sending.pauses()
    while True:
        try:
            return sending.patiently(action)
        except (ClientError, BotoCoreError) as error:
            lost = is_lost(error)
            if not lost and not _is_full(error):
                raise
            if lost:
                sending.wait(pauses, error)  # what has just been made may not be visible yet
            if _default_says(sending.iam, arn, _versions(sending.iam, arn), text):
                return "the answer was lost, the version is there" if lost else "another run has just made it"
            if not lost:
                raise


def _is_full(error: Exception) -> bool:
    """Five versions are there: perhaps because another apply has just made the fifth."""
    return isinstance(error, ClientError) and error.response["Error"].get("Code") == "LimitExceeded"


def _twins(iam: "IAMClient", arn: str, before: Collection[str], text: str) -> list[str]:
    """Versions that came since `before`, say `text`, and are not the default."""
    after = _versions(iam, arn)
    new = [version for version, is_default in after.items() if version not in before and not is_default]
    return [version for version in new if _still_says(iam, arn, version, text)]


def _still_says(iam: "IAMClient", arn: str, version: str, text: str) -> bool:
    try:
        return says(iam, arn, version, text)
    except iam.exceptions.NoSuchEntityException:
        return False  # the other run has just removed it


def _remove(version: str, action: Action, sending: Sending) -> None:
    removal = replace(
        action,
        verb=Verb.REMOVE,
        operation="delete_policy_version",
        params={"PolicyArn": action.params["PolicyArn"], "VersionId": version},
        summary=f"delete version {version}: another run made the same in the same moment",
        details=(),
    )
    sending.repair(removal, otherwise=f"made, but its twin {version} stays")


def _default_says(iam: "IAMClient", arn: str, versions: dict[str, bool], text: str) -> bool:
    return any(says(iam, arn, version, text) for version, is_default in versions.items() if is_default)


def _versions(iam: "IAMClient", arn: str) -> dict[str, bool]:
    """The stored versions' ids, and whether each is the default. Five at most, so always on one page."""
    return {one["VersionId"]: one["IsDefaultVersion"] for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]}
