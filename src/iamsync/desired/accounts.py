"""Which accounts the files are for, as far as they say it: for checking them without credentials."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final

from iamsync.core.arn import Account, parse_policy_arn
from iamsync.core.validate import UNKNOWN_ACCOUNT
from iamsync.desired.documents import Written
from iamsync.desired.merge import Merged
from iamsync.desired.places import scalars

_PARTITION: Final = re.compile(r"\barn:(aws[a-z-]*):")
_REGION: Final = re.compile(r"\b(cn|us-gov|eusc|us-iso|us-isob|eu-isoe|us-isof)-(?:[a-z]+-)+\d")
"""A region of another partition ("AWS Regions and Endpoints"), by how the regions' names begin."""
_ISOLATED: Final = {"us-iso": "iso", "us-isob": "iso-b", "eu-isoe": "iso-e", "us-isof": "iso-f"}
"""How the names of partitions end, where not as the names of their regions begin."""
_ID: Final = re.compile(r"(?<!\d)\d{12}(?!\d)", re.ASCII)


def spoken_of(whole: Merged, documents: Iterable[Written]) -> tuple[Account, ...]:
    """The accounts that the files speak of; one that stands for any if they name none. The partition is a guess: that
    of the references if they are ARNs of one, else the one that most ARNs in documents are of.
    """
    ids = [account.value.id for account in whole.accounts.values()]
    ids = ids or [whole.settings.account_id or UNKNOWN_ACCOUNT]
    partitions = {parts.partition for text in _references(whole) if (parts := parse_policy_arn(text))}
    named = Counter(name for one in documents for text in _texts(one) for name in _PARTITION.findall(text))
    usual = max(named, key=lambda name: (named[name], name == "aws"), default="aws")
    partition = partitions.pop() if len(partitions) == 1 else usual
    return tuple(Account(id=one, partition=partition) for one in ids)


def others_than(account: Account, whole: Merged, documents: Iterable[Written]) -> Iterator[Account]:
    """What an account that the files speak of may be as well: in each partition, and with each id if none is known,
    that stands somewhere in the references and documents. Regions speak of their partition, too.
    """
    texts = [*_references(whole), *(text for one in documents for text in _texts(one))]
    regions = {f"aws-{_ISOLATED.get(prefix, prefix)}" for text in texts for prefix in _REGION.findall(text)}
    partitions = {account.partition, *regions}.union(*map(_PARTITION.findall, texts))
    ids = {account.id}.union(*map(_ID.findall, texts) if account.id == UNKNOWN_ACCOUNT else ())
    for partition, one in product(sorted(partitions), sorted(ids)):
        if (found := Account(id=one, partition=partition)) != account:
            yield found


def _texts(document: Written) -> Iterator[str]:
    if isinstance(document.source, str):
        yield document.source
    else:
        yield from (text.text for _, text in scalars(document.source))


def _references(whole: Merged) -> Iterator[str]:
    for bundle in whole.policy_sets.values():
        yield from bundle.value.policies
    for group in whole.groups.values():
        yield from group.value.policies
    for user in whole.users.values():
        yield from (grant if isinstance(grant, str) else grant.name for grant in user.value.policies)
        yield user.value.permissions_boundary or ""
