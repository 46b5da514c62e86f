"""A session without AWS: each call is answered in this process, and none can leave it."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.model import OperationModel

from iamsync.core.operations import Operation

Answer = Callable[[Operation, Mapping[str, Any]], Mapping[str, Any]]
"""From an operation and its parameters to what boto3 gives. Raises Refused for what AWS answers with an error; anything
else that it raises ends the call.
"""

_DONE, _REFUSED = 200, 400
_PARAMS: Final = "iamsync_params"
_NO_ENVIRONMENT: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""Neither the profile nor the files of whoever calls: nothing of that is used, so nothing of it can be wrong."""


class Refused(Exception):
    """An answer of AWS that is an error, with its code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def answered_by(answer: Answer, partition: str) -> boto3.Session:
    """A session whose clients ask `answer` in place of AWS. It needs neither credentials nor a network."""
    core = botocore.session.Session(session_vars=_NO_ENVIRONMENT)
    core.set_credentials("none", "none")  # and none are looked for
    core.set_config_variable("region", _region(core, partition))
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    core.set_default_client_config(Config(use_fips_endpoint=False, use_dualstack_endpoint=False))

    def remember(**event: Any) -> None:  # noqa: ANN401 - as botocore has it
        event["context"][_PARAMS] = event["params"]

    def respond(**event: Any) -> tuple[AWSResponse, dict[str, Any]]:  # noqa: ANN401 - as botocore has it
        model: OperationModel = event["model"]
        operation = (model.service_model.service_name, model.name)
        try:
            return _response(_DONE), {**answer(operation, event["context"][_PARAMS])}
        except Refused as refused:
            error = {"Code": refused.code, "Message": str(refused)}
            return _response(_REFUSED), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": _REFUSED}}

    core.register("before-parameter-build", remember)
    core.register("before-call", respond)  # type: ignore[arg-type]  # its answer counts
    return boto3.Session(botocore_session=core)


def _response(status: int) -> AWSResponse:
    return AWSResponse("", status, {}, None)  # type: ignore[arg-type]  # nobody reads a body


def _region(core: botocore.session.Session, partition: str) -> str:
    """Any region of a partition: by its region, botocore knows which partition a client is for."""
    return next(iter(core.get_available_regions("sts", partition)), "us-east-1")
