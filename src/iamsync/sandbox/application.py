"""The WSGI application: note the call, let the rules refuse it, answer it here or leave it to moto."""

import json
import logging
import re
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode

from moto.iam.models import mark_account_as_visited
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.utilities.utils import get_partition

import iamsync.sandbox.answers
import iamsync.sandbox.rules  # noqa: F401 - importing the two fills the tables of `request`
from iamsync.sandbox import tag_index, validation
from iamsync.sandbox.accounts import Account, Accounts
from iamsync.sandbox.request import ANSWERS, RULES, Request
from iamsync.sandbox.wire import Call, Refused, answer_xml, masked, read_params, refusal_xml

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
logger = logging.getLogger(__name__)


class Signature(NamedTuple):
    """What the Authorization header says. It is believed, not checked: the sandbox lets everybody in."""

    access_key_id: str
    region: str
    service: str


class Application:
    """AWS, as far as an IAM client can tell."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._moto = _moto()
        self.tag_index = tag_index.TagIndex(accounts)
        self._calls: list[Call] = []
        self._lock = Lock()

    @property
    def calls(self) -> list[Call]:
        """The calls so far, in the order in which they arrived."""
        with self._lock:
            return list(self._calls)

    def forget_calls(self) -> None:
        """Start the list of calls again."""
        with self._lock:
            self._calls.clear()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        signature = _signature(environ)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        params = read_params(body.decode()) if "form" in environ.get("CONTENT_TYPE", "") else {}
        operation = params.pop("Action", None) or _without_action(environ)
        params.pop("Version", None)
        with self._lock:
            self._calls.append(Call(service=signature.service, operation=operation, params=masked(params)))
        partition = get_partition(signature.region)
        with self._accounts.in_moto():
            account_id = self._accounts.account_id_of(signature.access_key_id, partition)
            mark_account_as_visited(account_id, signature.access_key_id, signature.service, signature.region)
            if signature.service == "iam":
                account = self._accounts.account(account_id, partition)
                status, xml = _carried_out(
                    Request(account=account, operation=operation, params=params, access_key_id=signature.access_key_id),
                )
                if xml:
                    return _say(status, xml, start_response)
                body = _with_stored_names(body.decode(), account).encode()
            if operation == tag_index.OPERATION:
                account = self._accounts.account(account_id, partition)
                status, said = self.tag_index.answer(account, signature.region, body)
                return _say(status, said, start_response, "application/x-amz-json-1.1")
            if operation == validation.OPERATION:
                params = {"PolicyDocument": json.loads(body)["policyDocument"]}
                account = self._accounts.account(account_id, partition)
                request = Request(account=account, operation=operation, params=params, access_key_id="")
                said = json.dumps({"findings": validation.findings(request)}).encode()
                return _say(200, said, start_response, "application/json")
            try:
                return self._leave_to_moto(environ, body, account_id, start_response)
            except NotImplementedError:
                unknown = f"Neither the sandbox nor moto implements {operation}."
                return _say(400, refusal_xml("InvalidAction", unknown, 400), start_response)

    def _leave_to_moto(
        self,
        environ: "WSGIEnvironment",
        body: bytes,
        account_id: str,
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        """Have moto answer. The account is named, because moto would search every partition of every account for it."""
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account_id
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        answered: Iterable[bytes] = self._moto(environ, start_response)
        return answered


@cache
def _moto() -> DomainDispatcherApplication:
    """Moto's own application, which takes longer to make than an account and remembers nothing of any."""
    return DomainDispatcherApplication(create_backend_app)


def _without_action(environ: "WSGIEnvironment") -> str:
    """The operation of a request that is no form: it is in a header, or known by the path."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    if environ["PATH_INFO"] == validation.PATH:
        return validation.OPERATION
    return f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"


def _say(status: int, said: bytes, start_response: "StartResponse", kind: str = "text/xml") -> Iterable[bytes]:
    start_response(f"{status} ", [("Content-Type", kind), ("Content-Length", str(len(said)))])
    return [said]


def _carried_out(request: Request) -> tuple[int, bytes]:
    """HTTP status and answer; an empty answer where nothing speaks against the operation and it is moto's to do."""
    try:
        for rule in RULES.get(request.operation, ()):
            rule(request)
        if request.operation not in ANSWERS:
            return 200, b""
        return 200, answer_xml(request.operation, ANSWERS[request.operation](request))
    except Refused as refused:
        return refused.status, refusal_xml(refused.code, refused.message, refused.status)
    except Exception:
        logger.exception("The sandbox failed on %s", request.operation)
        return 500, refusal_xml("ServiceFailure", f"The sandbox failed on {request.operation}.", 500)


def _signature(environ: "WSGIEnvironment") -> Signature:
    match = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if match is None:
        return Signature("", "us-east-1", "")
    return Signature(match["key"], match["region"], match["service"])


def _with_stored_names(body: str, account: Account) -> str:
    """The request with users, groups and roles in the spelling in which they were created: moto minds case."""
    find = {"UserName": account.find_user, "GroupName": account.find_group, "RoleName": account.find_role}
    pairs = parse_qsl(body, keep_blank_values=True)
    stored = [(name, entity.name if name in find and (entity := find[name](value)) else value) for name, value in pairs]
    return body if stored == pairs else urlencode(stored)
