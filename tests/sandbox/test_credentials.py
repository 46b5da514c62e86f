"""Passwords, access keys, MFA devices, service-specific credentials."""

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_iam import IAMClient
from small_account import Refuses

GOOD = "correct horse Battery 9"
CODECOMMIT = "codecommit.amazonaws.com"

pytestmark = pytest.mark.usefixtures("alice")


def test_a_user_without_a_password_has_no_login_profile(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("NoSuchEntity", "Login Profile for User alice cannot be found."):
        iam.get_login_profile(UserName="alice")


def test_a_login_profile_says_whether_the_password_must_change(iam: IAMClient) -> None:
    iam.create_login_profile(UserName="alice", Password=GOOD, PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True


def test_a_second_login_profile_is_refused(iam: IAMClient, refuses: Refuses) -> None:
    iam.create_login_profile(UserName="alice", Password=GOOD)
    with refuses("EntityAlreadyExists", "Login Profile for user alice already exists."):
        iam.create_login_profile(UserName="alice", Password=GOOD)


def test_updating_one_half_of_a_login_profile_leaves_the_other(iam: IAMClient) -> None:
    iam.create_login_profile(UserName="alice", Password=GOOD)
    iam.update_login_profile(UserName="alice", PasswordResetRequired=True)
    iam.update_login_profile(UserName="alice", Password=GOOD + "!")
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True


def test_a_login_profile_is_deleted_once(iam: IAMClient, refuses: Refuses) -> None:
    iam.create_login_profile(UserName="alice", Password=GOOD)
    iam.delete_login_profile(UserName="alice")
    with refuses("NoSuchEntity"):
        iam.delete_login_profile(UserName="alice")


@pytest.mark.parametrize("password", ["Sh0rt!x", "onlylowercase", "lowercase0nly"])
def test_without_a_policy_awss_default_holds(iam: IAMClient, refuses: Refuses, password: str) -> None:
    with refuses("PasswordPolicyViolation"):
        iam.create_login_profile(UserName="alice", Password=password)


@pytest.mark.parametrize("password", ["Lowercas3", "lower-cas3", "UPPER-Case", "UPPER-CAS3"])
def test_three_kinds_of_characters_satisfy_the_default(iam: IAMClient, password: str) -> None:
    iam.create_login_profile(UserName="alice", Password=password)


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Ab1!", "a minimum length of 12"),
        ("abcdefghij1!", "an uppercase letter"),
        ("ABCDEFGHIJ1!", "a lowercase letter"),
        ("Abcdefghijk!", "a number"),
        ("Abcdefghijk1", "a symbol"),
    ],
)
def test_the_accounts_password_policy_holds(iam: IAMClient, refuses: Refuses, password: str, missing: str) -> None:
    iam.create_login_profile(UserName="alice", Password=GOOD)
    iam.update_account_password_policy(
        MinimumPasswordLength=12,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        RequireNumbers=True,
        RequireSymbols=True,
    )
    with refuses("PasswordPolicyViolation", missing):
        iam.update_login_profile(UserName="alice", Password=password)


def test_a_lenient_password_policy_replaces_the_default(iam: IAMClient) -> None:
    iam.update_account_password_policy(MinimumPasswordLength=6)
    iam.create_login_profile(UserName="alice", Password="simple")


@pytest.mark.parametrize("password", ["Aa1!" + "x" * 125, "Aa1!愛愛愛愛"], ids=["too long", "beyond Latin"])
def test_a_password_is_well_formed(iam: IAMClient, refuses: Refuses, password: str) -> None:
    with refuses("ValidationError"):
        iam.create_login_profile(UserName="alice", Password=password)


def test_a_refusal_does_not_repeat_the_password(iam: IAMClient) -> None:
    with pytest.raises(ClientError) as caught:
        iam.create_login_profile(UserName="alice", Password="hunter2")
    assert "hunter2" not in str(caught.value.response)


def test_a_secret_is_shown_once(iam: IAMClient) -> None:
    created = iam.create_access_key(UserName="alice")["AccessKey"]
    (listed,) = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
    assert listed["AccessKeyId"] == created["AccessKeyId"]
    assert created["SecretAccessKey"] not in str(listed)


def test_an_access_key_is_deleted_once(iam: IAMClient, refuses: Refuses) -> None:
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.delete_access_key(UserName="alice", AccessKeyId=key)
    with refuses("NoSuchEntity"):
        iam.delete_access_key(UserName="alice", AccessKeyId=key)


def enable(iam: IAMClient, serial: str, user: str = "alice") -> None:
    iam.enable_mfa_device(
        UserName=user,
        SerialNumber=serial,
        AuthenticationCode1="123456",
        AuthenticationCode2="654321",
    )


@pytest.fixture
def phone(iam: IAMClient) -> str:
    """A virtual MFA device that nobody uses."""
    return iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]


def test_an_mfa_device_can_be_read(iam: IAMClient, phone: str, refuses: Refuses) -> None:
    with refuses("NoSuchEntity"):
        iam.get_mfa_device(SerialNumber=phone)
    enable(iam, phone)
    assert iam.get_mfa_device(SerialNumber=phone)["UserName"] == "alice"
    assert iam.get_mfa_device(SerialNumber=phone, UserName="alice")["SerialNumber"] == phone


def test_virtual_mfa_devices_are_listed_by_assignment(iam: IAMClient, phone: str) -> None:
    def serials(status: str) -> list[str]:
        listed = iam.list_virtual_mfa_devices(AssignmentStatus=status)  # type: ignore[arg-type]  # a str
        return [device["SerialNumber"] for device in listed["VirtualMFADevices"]]

    assert (serials("Assigned"), serials("Unassigned"), serials("Any")) == ([], [phone], [phone])
    enable(iam, phone)
    assert (serials("Assigned"), serials("Unassigned"), serials("Any")) == ([phone], [], [phone])
    assert [device["SerialNumber"] for device in iam.list_mfa_devices(UserName="alice")["MFADevices"]] == [phone]


def test_a_virtual_mfa_device_is_made_before_it_is_used(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("NoSuchEntity"):
        enable(iam, "arn:aws:iam::123456789012:mfa/phone")


def test_a_virtual_mfa_device_is_one_users(iam: IAMClient, phone: str, refuses: Refuses) -> None:
    iam.create_user(UserName="bob")
    enable(iam, phone)
    with refuses("EntityAlreadyExists"):
        enable(iam, phone, "bob")


def test_an_mfa_device_is_deactivated_once(iam: IAMClient, phone: str, refuses: Refuses) -> None:
    enable(iam, phone)
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone)
    with refuses("NoSuchEntity"):
        iam.deactivate_mfa_device(UserName="alice", SerialNumber=phone)


@pytest.fixture
def credential(iam: IAMClient) -> str:
    """A CodeCommit user name and password of alice's."""
    created = iam.create_service_specific_credential(UserName="alice", ServiceName=CODECOMMIT)
    return created["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]


def test_a_service_credentials_password_is_shown_once(iam: IAMClient) -> None:
    created = iam.create_service_specific_credential(UserName="alice", ServiceName=CODECOMMIT)
    (listed,) = iam.list_service_specific_credentials(UserName="alice")["ServiceSpecificCredentials"]
    assert created["ServiceSpecificCredential"]["ServicePassword"] not in str(listed)
    assert listed["ServiceUserName"] == created["ServiceSpecificCredential"]["ServiceUserName"]


def test_service_credentials_of_all_users_are_listed_by_service(iam: IAMClient, credential: str) -> None:
    iam.create_user(UserName="bob")
    iam.create_service_specific_credential(
        UserName="bob",
        ServiceName="bedrock.amazonaws.com",
        CredentialAgeDays=30,
    )
    everybody = iam.list_service_specific_credentials(AllUsers=True)["ServiceSpecificCredentials"]
    of_codecommit = iam.list_service_specific_credentials(AllUsers=True, ServiceName=CODECOMMIT)
    assert [each["UserName"] for each in everybody] == ["alice", "bob"]
    assert "ExpirationDate" in everybody[1]
    ids = [each["ServiceSpecificCredentialId"] for each in of_codecommit["ServiceSpecificCredentials"]]
    assert ids == [credential]


def test_service_credentials_are_listed_in_pages(iam: IAMClient) -> None:
    for _ in range(2):
        iam.create_service_specific_credential(UserName="alice", ServiceName=CODECOMMIT)
    first = iam.list_service_specific_credentials(UserName="alice", MaxItems=1)
    second = iam.list_service_specific_credentials(UserName="alice", MaxItems=1, Marker=first["Marker"])
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


def test_a_service_credential_is_deactivated(iam: IAMClient, credential: str) -> None:
    iam.update_service_specific_credential(
        UserName="alice",
        ServiceSpecificCredentialId=credential,
        Status="Inactive",
    )
    (listed,) = iam.list_service_specific_credentials(UserName="alice")["ServiceSpecificCredentials"]
    assert listed["Status"] == "Inactive"


def test_a_service_credential_is_reset(iam: IAMClient, credential: str) -> None:
    reset = iam.reset_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=credential)
    assert reset["ServiceSpecificCredential"]["ServicePassword"]


def test_a_service_credential_is_deleted_once(iam: IAMClient, credential: str, refuses: Refuses) -> None:
    iam.delete_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=credential)
    with refuses("NoSuchEntity", credential):
        iam.delete_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=credential)


def test_a_service_without_such_credentials_is_refused(iam: IAMClient, refuses: Refuses) -> None:
    with refuses("NotSupportedService"):
        iam.create_service_specific_credential(UserName="alice", ServiceName="s3.amazonaws.com")


@pytest.mark.parametrize("status", ["active", "Expired"])
def test_a_key_is_active_or_inactive(iam: IAMClient, refuses: Refuses, status: str) -> None:
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    with refuses("ValidationError", "[Active, Inactive]"):
        iam.update_access_key(UserName="alice", AccessKeyId=key, Status=status)  # type: ignore[arg-type]  # wrong
