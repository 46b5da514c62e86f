"""A fast model of IAM in memory, strict where IAM is strict: the judge of what iamsync plans. It shares no code with
iamsync but the values of `core.model` and `core.document`.
"""

from laws.model import credentials, groups, policies, users
from laws.model.calls import Refused
from laws.model.iam import Iam
from laws.model.reading import live_state
from laws.model.records import GroupRecord, PolicyRecord, RoleRecord, UserRecord, VersionRecord

__all__ = [
    "GroupRecord",
    "Iam",
    "PolicyRecord",
    "Refused",
    "RoleRecord",
    "UserRecord",
    "VersionRecord",
    "credentials",
    "groups",
    "live_state",
    "policies",
    "users",
]
