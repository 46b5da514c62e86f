"""GetAccountSummary: what the account uses, and what it may use. moto's quotas are fixed, and it counts attachments for
versions.
"""

from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.quotas import UNREPORTED
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Entries


@answer("GetAccountSummary")
def get_account_summary(request: Request) -> Shape:
    """Usage and quotas under one roof."""
    account = request.account
    quotas = {name: quota for name, quota in account.quotas.items() if name not in UNREPORTED}
    versions = sum(len(policy.versions) for policy in account.own_policies())
    usage = account.backend.get_account_summary().summary_map
    return {"SummaryMap": Entries({**usage, "PolicyVersionsInUse": versions, **quotas})}
