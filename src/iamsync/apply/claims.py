"""Only one run at a time makes access keys for a user.

IAM has no lock, so runs that meet settle by tags on the user which of them makes the keys. Each run has a tag of its
own (`core.keys`):

1. A run claims the user: it sets its tag, without a value. Then it reads the tags until its own is among them. A read
   that shows a claim shows the older claims too, so of two runs at least one sees the other.
2. The run with the smallest tag stays and waits; the others withdraw, and have made nothing. A tag that has a value is
   not waited for: its run makes keys already.
3. The run that is alone compares the user's keys with the plan, and withdraws if another run has made one since.
4. It sets its tag to the keys that are there (the note), makes new keys (`access_keys`), and removes its tag.

A new user is created with the note, so the run whose CreateUser succeeds is the one that makes the keys.

A run that is killed leaves its tag. The next plan removes it, and deactivates the unused keys that came after the note
(or deletes one whose room a new key needs). The keys of a run that has ended are not among them, because the note is
written when they are known.

What tags cannot settle: a list of keys may be out of date when it is compared. Then the new key is deleted again
(`access_keys`); but if the run is also killed, or an answer is lost, the key of the run before it may be deleted. And a
plan that is made while another run makes keys takes that run for a killed one.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from iamsync.apply.sending import NotDone, Sending
from iamsync.aws.said import answer
from iamsync.core.action import Action
from iamsync.core.change import Entity, Kind, RemoveTags
from iamsync.core.keys import note_tag, notes_in
from iamsync.errors import DeliveryError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class Undelivered(NotDone):
    """A key may exist that was not delivered. The note stays, so that the next run looks for that key."""


def claim(action: Action, sending: Sending) -> str:
    """Claim a user's new access keys for this run.

    Raises NotDone, and withdraws the claim, if another run is first or has made a key since the plan.
    """
    sending.patiently(action)
    keys = UserKeys(action, sending)
    with keys.tag_removed_on_failure():
        _wait_until_alone(keys, note_tag(sending.run_id))
        if others := keys.unknown(keys.listed()):
            raise NotDone(f"another run has made access key {', '.join(others)} since the plan: plan again")
    return ""


def if_still_noted(action: Action, sending: Sending) -> str:
    """Deactivate or delete a key that perhaps nobody holds. Raises NotDone if the note that says so is gone: then the
    user's keys have been changed by another run.
    """
    noted = action.premise.notes if action.premise else None
    if noted and not noted <= UserKeys(action, sending).notes().keys():
        raise NotDone("another run has changed the user's access keys since the plan: plan again")
    return sending.patiently(action)


@dataclass(frozen=True, slots=True)
class UserKeys:
    """The access keys of the user of an action, and the tags by which runs have claimed them, as IAM shows them now."""

    action: Action
    sending: Sending

    @property
    def user(self) -> str:
        """The user's name."""
        return str(self.action.params["UserName"])

    def listed(self) -> frozenset[str]:
        """The ids of the user's access keys."""

        def key_ids(iam: "IAMClient") -> frozenset[str]:
            pages = iam.get_paginator("list_access_keys").paginate(UserName=self.user)
            return frozenset(key["AccessKeyId"] for page in pages for key in page["AccessKeyMetadata"])

        return self.sending.seen(key_ids)

    def unknown(self, key_ids: Iterable[str]) -> list[str]:
        """The keys that neither the plan knows nor this run has made, sorted."""
        known = (self.action.premise.keys if self.action.premise else None) or frozenset()
        made = self.sending.so_far.made
        return sorted(key for key in key_ids if key not in known and ("AccessKeyId", key) not in made)

    def notes(self) -> Mapping[str, str]:
        """The tags on the user by which runs have claimed it."""
        user = self.sending.seen(lambda iam: iam.get_user(UserName=self.user)["User"])
        return notes_in({tag["Key"]: tag["Value"] for tag in user.get("Tags", ())})

    @contextmanager
    def tag_removed_on_failure(self) -> Iterator[None]:
        """Remove this run's tag if the block fails, unless the next run needs it to find a key."""
        try:
            yield
        except Undelivered:
            raise
        except (NotDone, DeliveryError, ClientError, BotoCoreError) as error:
            tag = note_tag(self.sending.run_id)
            removal = replace(self.action, change=RemoveTags(Entity(Kind.USER, self.user), (tag,)))
            why = answer(error) if isinstance(error, ClientError | BotoCoreError) else str(error)
            self.sending.repair(removal, otherwise=f"{why}; the tag {tag} stays until the next run")
            raise


def _wait_until_alone(keys: UserKeys, own: str) -> None:
    """Return when the user has this run's `own` claim and no other. Raises NotDone if another run is first."""
    pauses = keys.sending.pauses()
    while True:
        notes = keys.notes()
        others = sorted(notes.keys() - {own})
        if own not in notes:
            error = NotDone(f"the tag {own}, which this run has set, is not visible: plan again")
        elif others:
            error = NotDone(
                f"another run makes access keys for this user, or was killed while it did (tag {', '.join(others)}): "
                "plan again when it has ended"
            )
            if any(notes[tag] or tag < own for tag in others):
                raise error
        else:
            return
        keys.sending.wait(pauses, error)
