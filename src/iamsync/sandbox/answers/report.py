"""The credential report. moto gives the user's birthday for the password's, and the first key's use for the second's.

Source: IAM User Guide, "Generate credential reports for your AWS account"; API_GenerateCredentialReport.
"""

import csv
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

from moto.core.utils import utcnow
from moto.iam.models import User

from iamsync.sandbox.accounts import Account
from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused

_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
_COLUMNS = (
    *("user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed"),
    *("password_next_rotation", "mfa_active"),
    *(f"access_key_{number}_{column}" for number in (1, 2) for column in _KEY),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
)


@answer("GenerateCredentialReport")
def generate_credential_report(request: Request) -> Shape:
    """The first call starts it, the next one finds it complete."""
    state = "COMPLETE" if request.account.backend.credential_report else "STARTED"
    request.account.backend.generate_report()
    return {"State": state}


@answer("GetCredentialReport")
def get_credential_report(request: Request) -> Shape:
    """A table in CSV, with the root user first."""
    account = request.account
    if not account.backend.credential_report:
        raise Refused("ReportNotPresent", "Credential report has not been generated")
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerow(_root(account))
    writer.writerows([*_row(user, account)] for user in account.backend.users.values())
    content = b64encode(table.getvalue().encode()).decode()
    return {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": utcnow()}


def _root(account: Account) -> list[str]:
    arn = f"arn:{account.partition}:iam::{account.id}:root"
    started = ["<root_account>", arn, _moment(utcnow()), "not_supported", "no_information", "not_supported"]
    return [*started, "not_supported", "true", *["false", *["N/A"] * 4] * 2, *["false", "N/A"] * 2]


def _row(user: User, account: Account) -> Iterator[str]:
    yield from (user.name, user.arn, _moment(user.create_date))
    if user.password:
        used: datetime | None = user.password_last_used
        yield from ("true", _moment(used) if used else "no_information", _moment(account.passwords_created[user.id]))
    else:
        yield from ("false", "N/A", "N/A")
    yield from ("N/A", "true" if user.mfa_devices else "false")
    for number in range(2):
        key = user.access_keys[number] if number < len(user.access_keys) else None
        used_at = key.last_used.timestamp if key and key.last_used else None
        active = key is not None and key.status == "Active"
        yield "true" if active else "false"
        yield _moment(key.create_date) if key and active else "N/A"
        yield from (_moment(used_at) if used_at else "N/A", *(("eu-central-1", "s3") if used_at else ("N/A", "N/A")))
    yield from ("false", "N/A") * 2


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"
