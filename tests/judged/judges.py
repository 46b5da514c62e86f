"""Who decides whether the printed policies allow a call: iamsync's own evaluator, or one that is not ours."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from iamsync.core.access import Context, Policies, Request, Source, decision
from iamsync.core.document import Document
from iamsync.sandbox import Sandbox
from iamsync.sandbox.wire import read_params
from judged.authorization import SERVICES, Asked, asked

Documents = Sequence[Mapping[str, Any]]
"""The policies of a role, as IAM takes them."""

Evaluator = Callable[[Documents, Asked], bool]
"""Whether policies allow a request."""

ORACLE = Path(__file__).parents[2] / "bench" / "oracle"


def by_core_access(documents: Documents, request: Asked) -> bool:
    """What `iamsync.core.access` says."""
    context = Context.of(dict(request.context), closed=[""])
    asked = Request(action=request.action, resource=request.resource, context=context)
    return decision(_policies(json.dumps(documents)), asked).allowed is True


@lru_cache(maxsize=4096)
def _policies(documents: str) -> Policies:
    return Policies(identity=tuple(Source(label="", document=Document.parse(one)) for one in json.loads(documents)))


class IamSimulate:
    """What iam-simulate says, after its own checks: the policies are valid, the resource is of a type that the action
    has, and it has each condition key of the request. A process of Node.js, for as long as the `with` block lasts.
    """

    def __init__(self) -> None:
        node = shutil.which("node")
        assert node is not None
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [node, str(ORACLE / "judgement.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        self._process.communicate()

    def __call__(self, documents: Documents, request: Asked) -> bool:
        question = {
            "policies": list(documents),
            "action": request.action,
            "resource": request.resource,
            "context": dict(request.context),
        }
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(f"{json.dumps(question)}\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        assert answer in {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}, f"{answer}: {question}"
        return bool(answer == "Allowed")


@dataclass(slots=True)
class Judge:
    """Allows or refuses each call to a sandbox by some policies, and keeps what was asked."""

    sandbox: Sandbox
    documents: Documents
    evaluator: Evaluator
    allowed: list[Asked] = field(default_factory=list)
    denied: list[Asked] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    """What kept it from judging."""

    def __call__(self, operation: str, body: str) -> str:
        """What AWS says instead of carrying the call out; "" if it does."""
        try:
            return self._answer("ValidatePolicy" if operation == "POST /policy/validation" else operation, body)
        except Exception as error:  # the thread of a connection has nobody to tell
            self.broken.append(error)
            raise

    def _answer(self, operation: str, body: str) -> str:
        accounts = self.sandbox._accounts  # noqa: SLF001 - tags and paths as they are at this moment, without a call
        with accounts.in_moto():
            account = accounts.account("123456789012", "aws")
            requests = list(asked(account, operation, {} if operation in SERVICES else read_params(body)))
        for request in requests:
            if not self.evaluator(self.documents, request):
                self.denied.append(request)
                return f"is not authorized to perform: {request.action} on resource: {request.resource}"
        self.allowed += requests
        return ""
