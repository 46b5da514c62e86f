"""A state beside the casebook: what only lost answers, many policies and an unknown policy lead to."""

from pathlib import Path

from faults.network import After, Fault

from iamsync import live
from judged.trial import State

COMPANY = Path(__file__).parents[1] / "faults" / "company"
_MANY = range(live.FEW + 1)
_ATTACHED = (
    *("AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess", "AmazonSQSReadOnlyAccess", "AmazonSNSReadOnlyAccess"),
    *("AmazonRDSReadOnlyAccess", "AmazonVPCReadOnlyAccess", "AmazonSSMReadOnlyAccess", "AWSSupportAccess"),
    *("SecurityAudit", "ReadOnlyAccess", "NoSuchPolicyAtAll"),
)
_DOCUMENT = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}"
_FILE = "\n".join(
    [
        "settings: {quotas: {policies_per_user: 20}}",
        "policies:",
        *(f"  OneOfMany{number}: {{document: {_DOCUMENT}}}" for number in _MANY),
        f"users: {{many: {{policies: [{', '.join(f'aws:{name}' for name in _ATTACHED)}]}}}}",
    ]
)

BAD_WEATHER = State(
    COMPANY,
    script=(
        *(
            Fault(match=f"^{name}", after=After.RESET)
            for name in ("CreateGroup", "CreatePolicy ", "CreateLoginProfile")
        ),
    ),
    more=_FILE,
)
"""Answers to calls are lost, after which iamsync asks what became of them; one policy does not exist at AWS; and there
are so many that their tags are looked up in AWS's index.
"""
