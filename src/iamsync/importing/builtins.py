"""Documents that a built-in policy says as well."""

import json

from iamsync.builtin import NAMES, builtin
from iamsync.core.arn import Account
from iamsync.core.document import Document
from iamsync.desired.substitute import filled, values_for


def builtins_in(account: Account) -> dict[Document, str]:
    """The built-in policies that need no parameters, by what they say in an account."""
    values = values_for(account, None, {})
    known = {name: builtin(name) for name in NAMES}
    return {
        Document.parse(filled(json.dumps(one.document({})), values)): name
        for name, one in known.items()
        if not any(one.parameters.values())
    }
