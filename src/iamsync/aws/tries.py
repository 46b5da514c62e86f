"""How often a call is sent, and how long is waited in between.

The numbers are those of botocore's standard mode. botocore itself is set to send a call once: it would sleep through a
request to stop, and ask no `Rate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import random
from typing import Any, Self

from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from iamsync.aws.rate import Rate

THROTTLING = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})
"""How AWS says "too fast". IAM's LimitExceeded is a quota and not one of them."""

MOST = 8
"""How often a call is sent whose answer is lost, or that is throttled while AWS accepts no other one either."""

THROTTLED, LOST, LONGEST = 1.0, 0.05, 20.0
"""Seconds before the second try at most, for either reason; each further pause is twice as long, up to the longest."""

_SERVER_ERROR = 500

NEVER_SENT = (EndpointConnectionError, ConnectTimeoutError)
"""What botocore raises where there was no connection on which anything could have been sent."""

Response = tuple[object, Mapping[str, Any]]
"""An answer as botocore tells it to who decides on a further try: raw, and parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What one try ended with: AWS `answered`, perhaps that it `throttled` the call; or the answer is `lost`, so that
    nobody knows whether the call had its effect; or the call was `never_sent`.
    """

    answered: bool
    throttled: bool
    lost: bool
    never_sent: bool = False
    request_id: str

    @classmethod
    def of(cls, response: Response | None, caught_exception: Exception | None) -> Self:
        """By what botocore passes on."""
        parsed = response[1] if response else {}
        metadata = parsed.get("ResponseMetadata", {})
        never_sent = isinstance(caught_exception, NEVER_SENT)
        return cls(
            answered=response is not None,
            throttled=parsed.get("Error", {}).get("Code", "") in THROTTLING,
            lost=not never_sent
            and (caught_exception is not None or metadata.get("HTTPStatusCode", 0) >= _SERVER_ERROR),
            never_sent=never_sent,
            request_id=metadata.get("RequestId", ""),
        )

    def pause(self, attempts: int, rate: Rate) -> float | None:
        """Seconds to wait before the call is sent again, after so many tries; None if it is not worth it. A matter of
        chance, so that threads do not keep step.

        A call that is only throttled is sent until it is accepted, as long as AWS accepts others at that `rate`: where
        many wait for few turns, somebody is always the last.
        """
        if not (self.throttled or self.lost or self.never_sent) or (
            attempts >= MOST and not (self.throttled and rate.is_flowing)
        ):
            return None
        longest = min((THROTTLED if self.throttled else LOST) * 2.0 ** min(attempts - 1, MOST), LONGEST)
        return longest * random()  # noqa: S311 - chance, no secret
