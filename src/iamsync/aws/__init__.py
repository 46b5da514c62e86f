"""Sessions and clients: timeouts, tries and rate, whose account it is, and the gate that refuses writes."""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import boto3
import botocore.session
from botocore.config import Config
from botocore.model import OperationModel
from botocore.utils import parse_timestamp

from iamsync import __version__
from iamsync.aws import tries
from iamsync.aws.credentials import of_credentials, use_own_prompt
from iamsync.aws.parser import WaryParserFactory, refuse_unreadable
from iamsync.aws.rate import Rate
from iamsync.aws.said import in_words
from iamsync.core.arn import Account, Arn, account_of
from iamsync.core.operations import AUDIT_READS, READS, WRITES, Operation
from iamsync.errors import AccountError, OperationRefused

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from mypy_boto3_accessanalyzer import AccessAnalyzerClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient

CONCURRENT_READS = 8
"""Reads in flight at once; IAM throttles per account, so more would only be refused more often."""

CONCURRENT_WRITES = 8
"""Subjects that are written side by side unless somebody says otherwise."""

_CONFIG = Config(
    # Explicit, because botocore's default mode changed in 1.44 and its `max_attempts` means retries. One: see `tries`.
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=CONCURRENT_READS * 2,
    user_agent_extra=f"iamsync/{__version__}",
)
_TRIES_IN_SILENCE = 5
"""How often a read is sent to an endpoint that does not even refuse it: somebody is waiting to hear that. What is only
throttled is sent more often, for one read of a hundred that fails is a plan that fails.
"""

_IAM_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the one IAM of a partition is (AWS General Reference, "IAM endpoints and quotas")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who the credentials are: the ARN that GetCallerIdentity gives, and the account it names."""

    arn: Arn
    account: Account

    @property
    def role_name(self) -> str | None:
        """The name of the role, if a role was assumed: its path is not part of such an ARN."""
        kind, _, rest = self.arn.split(":", 5)[-1].partition("/")
        return rest.split("/")[0] if kind == "assumed-role" else None


def open_session() -> boto3.Session:
    """A session on boto3's own configuration (environment, profiles, roles).

    Raises AccountError when the profile that is asked for does not exist.
    """
    with in_words():
        core = botocore.session.get_session()
        core.register_component("response_parser_factory", WaryParserFactory(_moment))
        core.register("after-call", refuse_unreadable)
        use_own_prompt(core)
        return boto3.Session(botocore_session=core)


def _moment(text: str) -> datetime:
    """A time as IAM writes it (2026-11-24T10:00:00Z). Each user and policy has one, and botocore's own parser, which
    takes whatever a person may write, takes a tenth of a large read for them.
    """
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return parse_timestamp(text)


def caller(session: boto3.Session) -> Caller:
    """Who we are, by GetCallerIdentity: it needs no permission and nothing may happen before it.

    Raises AccountError when it cannot be asked, or when the answer is from another partition than the endpoint.
    """
    with in_words():
        _resolve(session)
        sts = session.client("sts", config=_CONFIG, region_name=_region(session))
        _make_ready(sts, READS.keys())
        _take_turns(sts, Rate())
        arn = Arn(sts.get_caller_identity()["Arn"])
    account = account_of(arn)
    if account is None:
        raise AccountError(f"GetCallerIdentity answered with an ARN that is none: {arn}")
    if account.partition != sts.meta.partition:
        raise AccountError(
            f"the credentials are of partition {account.partition}, the endpoint is of {sts.meta.partition}: "
            "set AWS_DEFAULT_REGION to a region of the account's own partition"
        )
    return Caller(arn=arn, account=account)


def _resolve(session: boto3.Session) -> None:
    """Get the credentials, so that what keeps them away is said in a sentence."""
    with of_credentials():
        credentials = session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()


def reader(session: boto3.Session) -> "IAMClient":
    """An IAM client that refuses everything but READS before it leaves the process."""
    client = session.client("iam", config=_CONFIG, region_name=_region(session))
    _make_ready(client, READS.keys())
    _take_turns(client, rate_of(session))
    return client


def auditor(session: boto3.Session) -> "IAMClient":
    """An IAM client that refuses everything but READS and AUDIT_READS before it leaves the process."""
    client = session.client("iam", config=_CONFIG, region_name=_region(session))
    _make_ready(client, READS.keys() | AUDIT_READS.keys())
    _take_turns(client, rate_of(session))
    return client


def checker(session: boto3.Session) -> "AccessAnalyzerClient":
    """A client of Access Analyzer that refuses everything but READS, in the region of the session."""
    client = session.client("accessanalyzer", config=_CONFIG, region_name=_region(session))
    _make_ready(client, READS.keys())
    _take_turns(client, Rate())
    return client


def tagging(session: boto3.Session, partition: str) -> "ResourceGroupsTaggingAPIClient | None":
    """A client of the Resource Groups Tagging API that refuses everything but READS, in the region where the partition
    has its IAM; None where that is not known. IAM can be asked instead, so it tries once, and does not wait for long.
    """
    if partition not in _IAM_REGIONS:
        return None
    config = _CONFIG.merge(Config(connect_timeout=2, read_timeout=10))
    client = session.client("resourcegroupstaggingapi", config=config, region_name=_IAM_REGIONS[partition])
    _make_ready(client, READS.keys())
    return client


def writer(session: boto3.Session, *, at_once: int = CONCURRENT_WRITES) -> "IAMClient":
    """An IAM client for READS and WRITES, with a connection for each of `at_once` threads. Only `apply` gets one, and
    makes its turns and tries itself.
    """
    for library in ("botocore", "urllib3"):
        # At debug level these log whole requests, and a request may hold a password.
        logging.getLogger(library).setLevel(logging.INFO)
    config = _CONFIG.merge(Config(max_pool_connections=max(at_once, CONCURRENT_READS) * 2))
    client = session.client("iam", config=config, region_name=_region(session))
    _make_ready(client, READS.keys() | WRITES.keys())
    return client


def rate_of(session: boto3.Session) -> Rate:
    """How fast the account of a session takes IAM calls, as far as the session's clients have learned by now."""
    return _RATES.setdefault(session, Rate())


def renewed(session: boto3.Session) -> boto3.Session:
    """A session that has read the credentials again, and calls at the rate that `session` has learned; or that one
    itself, where none can be opened.
    """
    try:
        new = open_session()
    except AccountError:
        return session
    _RATES[new] = rate_of(session)
    return new


_RATES: WeakKeyDictionary[boto3.Session, Rate] = WeakKeyDictionary()


def _region(session: boto3.Session) -> str:
    """Where to sign for. IAM is one for a whole partition, so nobody should have to name a region for it."""
    return session.region_name or "us-east-1"


def _make_ready(client: "BaseClient", allowed: Collection[Operation]) -> None:
    _close_gate(client, allowed)
    _let_threads_share(client)


def _close_gate(client: "BaseClient", allowed: Collection[Operation]) -> None:
    def refuse(model: OperationModel, **_: object) -> None:
        if (operation := (model.service_model.service_name, model.name)) not in allowed:
            raise OperationRefused(f"{':'.join(operation)} was asked of a client that never sends it; nothing was sent")

    # The first event of every call, before parameters are even looked at; paginators and waiters pass it too.
    client.meta.events.register_first("provide-client-params.*.*", refuse)


def _let_threads_share(client: "BaseClient") -> None:
    """Botocore makes the exception classes of a client at their first use, without a lock. Two threads whose first
    refusals come together would each make their own, and then "there is none" is not caught by the one that expects it.
    """
    _ = client.exceptions


def _take_turns(client: "BaseClient", rate: Rate) -> None:
    """Let a client call, and call again, as fast as the account takes it."""

    def before_send(**_: object) -> None:
        if pause := rate.turn():
            time.sleep(pause)

    def answered(
        attempts: int, response: tries.Response | None, caught_exception: Exception | None, **_: object
    ) -> int | None:
        ended = tries.Ended.of(response, caught_exception)
        if ended.answered:
            rate.answered(accepted=not ended.throttled, again=attempts > 1)
        pause = ended.pause(attempts, rate)
        if pause is None or (not ended.answered and attempts >= _TRIES_IN_SILENCE):
            return None
        time.sleep(pause)
        return 0  # botocore need not wait any longer

    client.meta.events.register_first("before-send.*", before_send)
    client.meta.events.register_first("needs-retry.*", answered)  # type: ignore[arg-type]  # its answer counts
