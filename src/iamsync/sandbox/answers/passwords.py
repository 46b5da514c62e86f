"""Login profiles. moto forgets PasswordResetRequired, gives the user's birthday for the password's, and loses the
password when only PasswordResetRequired is updated.
"""

from moto.core.utils import utcnow
from moto.iam.models import User

from iamsync.sandbox.answers.shapes import Shape
from iamsync.sandbox.request import Request, answer
from iamsync.sandbox.wire import Refused


@answer("CreateLoginProfile")
def create_login_profile(request: Request) -> Shape:
    """A user has one password at most."""
    user = request.user
    if user.password:
        raise Refused("EntityAlreadyExists", f"Login Profile for user {user.name} already exists.")
    user.password = request.text("Password")
    user.password_reset_required = request.flag("PasswordResetRequired")
    request.account.passwords_created[user.id] = utcnow()
    return _login_profile(request, user)


@answer("GetLoginProfile")
def get_login_profile(request: Request) -> Shape:
    """NoSuchEntity is how IAM says that a user has no password."""
    return _login_profile(request, _with_password(request))


@answer("UpdateLoginProfile")
def update_login_profile(request: Request) -> Shape:
    """What is left out stays as it is."""
    user = _with_password(request)
    user.password = request.optional("Password") or user.password
    if request.optional("PasswordResetRequired"):
        user.password_reset_required = request.flag("PasswordResetRequired")
    return {}


@answer("DeleteLoginProfile")
def delete_login_profile(request: Request) -> Shape:
    """The way in through the console is shut."""
    user = _with_password(request)
    user.password = None
    user.password_reset_required = False
    return {}


def _with_password(request: Request) -> User:
    user = request.user
    if not user.password:
        raise Refused("NoSuchEntity", f"Login Profile for User {user.name} cannot be found.")
    return user


def _login_profile(request: Request, user: User) -> Shape:
    return {
        "LoginProfile": {
            "UserName": user.name,
            "CreateDate": request.account.passwords_created[user.id],
            "PasswordResetRequired": user.password_reset_required,
        },
    }
