"""The model's account as iamsync reads it."""

from typing import cast

from mypy_boto3_iam import IAMClient

from iamsync import live
from iamsync.core.model import DesiredState, LiveState
from laws.model.client import Client
from laws.model.iam import Iam


def live_state(iam: Iam, desired: DesiredState) -> LiveState:
    """What `live.read` makes of the account: so what it does not ask for, the planner does not know here either."""
    return live.read(cast("IAMClient", Client(iam)), desired, at_once=1, now=iam.now)
