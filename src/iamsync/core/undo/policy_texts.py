"""The texts of managed policies, taken back: the version that was the default one before."""

from iamsync.core.arn import Arn
from iamsync.core.document import Document
from iamsync.core.undo.account import Account
from iamsync.core.undo.made import Made, document, refuse, text


def text_changed(account: Account, call: Made) -> None:
    """The text before: that of the version which was the default one before the first call of the run."""
    arn = account.policy(call).arn
    if arn not in account.earlier_texts:
        if _made_default(account, arn, call) != account.policies[arn].document:
            refuse("the text has been changed since")
        account.earlier_texts[arn] = None
    version = call.old.get("default_version")
    if isinstance(version, str) and (earlier := _text_of(account, arn, version)) is not None:
        account.earlier_texts[arn] = earlier


def version_deleted(_account: Account, _call: Made) -> None:
    """A version that was not the default one had no effect; `text_changed` finds its text."""


def _made_default(account: Account, arn: Arn, call: Made) -> Document | None:
    """The text that a call made the default one."""
    if call.operation == "create_policy_version":
        return document(text(call, "PolicyDocument"))
    return _text_of(account, arn, text(call, "VersionId"))


def _text_of(account: Account, arn: Arn, version: str) -> Document | None:
    """The text of a version, as IAM stores it or, deleted by the same run, as the journal has it."""
    stored = next((one.document for one in account.live.versions.get(arn, ()) if one.id == version), None)
    deleted = (
        document(one.removed)
        for one in account.made
        if one.operation == "delete_policy_version"
        and (one.params.get("PolicyArn"), one.params.get("VersionId")) == (arn, version)
        and one.removed
    )
    return stored or next(deleted, None)
