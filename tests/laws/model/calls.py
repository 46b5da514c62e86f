"""One call, as the operations see it, and the table of operations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import botocore.session
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from laws.model.iam import Iam
    from laws.model.records import GroupRecord, PolicyRecord, UserRecord


class Refused(Exception):
    """IAM's no: an error code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An operation on an account, with its parameters."""

    iam: "Iam"
    operation: str
    params: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A parameter that is a string and must be there."""
        value = self.params.get(name)
        if not isinstance(value, str):
            raise Refused("ValidationError", f"{self.operation} needs {name}")
        return value

    @property
    def tags(self) -> dict[str, str]:
        """The tags that are sent along."""
        return {tag["Key"]: tag["Value"] for tag in self.params.get("Tags", [])}

    @property
    def user(self) -> "UserRecord":
        """The user it is about. IAM takes the caller where UserName is left out; nobody here may mean that."""
        return self.iam.user(self.text("UserName"))

    @property
    def group(self) -> "GroupRecord":
        """The group it is about."""
        return self.iam.group(self.text("GroupName"))

    @property
    def policy(self) -> "PolicyRecord":
        """The customer-managed policy it is about."""
        return self.iam.policy(self.text("PolicyArn"))


OPERATIONS: dict[str, Callable[[Call], None]] = {}
"""boto3's name of an operation to the function that carries it out."""

_Operation = TypeVar("_Operation", bound=Callable[[Call], None])


def operation(function: _Operation) -> _Operation:
    """Register a function as the operation of its name."""
    OPERATIONS[function.__name__] = function
    return function


@cache
def _shapes() -> tuple[ServiceModel, Mapping[str, str]]:
    model = botocore.session.get_session().get_service_model("iam")
    return model, {xform_name(name): name for name in model.operation_names}


def well_formed(operation: str, params: Mapping[str, Any]) -> None:
    """What boto3 itself would not send: an unknown operation or parameter, one that is missing, one of another type."""
    model, names = _shapes()
    shape = model.operation_model(names[operation]).input_shape
    report = ParamValidator().validate(dict(params), shape) if shape else None
    if report and report.has_errors():
        raise Refused("ParamValidation", report.generate_report())
