"""A snapshot in place of AWS: each call that planning makes, answered as IAM would have answered it."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final, NoReturn

from iamsync.aws.offline import Refused
from iamsync.core.access.known import known_document
from iamsync.core.arn import Arn, aws_policy_arn, is_aws_managed, policy_arn, short_name
from iamsync.core.operations import Operation
from iamsync.errors import PlanRefused
from iamsync.snapshot import entries
from iamsync.snapshot.entries import Snapshot

Shape = dict[str, Any]
Params = Mapping[str, Any]

WHAT_THEN: Final = "take a new snapshot from these files, or one with --all"


class Answers:
    """What IAM, STS and the other services say, by operation. Threads may share it.

    `assumed` are the facts that planning asked for, that the snapshot does not have, and that a plan can do without.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.assumed = set[str]()
        self._snapshot = snapshot
        self._keys = {
            key.id: key for user in snapshot.users.values() if user.credentials for key in user.credentials.access_keys
        }

    def __call__(self, operation: Operation, params: Params) -> Shape:
        """The answer to a call. Raises Refused for an error of AWS, PlanRefused if the snapshot does not have it."""
        answer = self._BY_OPERATION.get(operation)
        if answer is None:
            self._lacks(f"the answer to {operation[1]}")
        if operation[1] in self._snapshot.denied:
            raise Refused("AccessDenied", "it was denied when the snapshot was taken")
        return answer(self, params)

    @staticmethod
    def _lacks(what: str) -> NoReturn:
        raise PlanRefused([f"not in the snapshot: {what}: {WHAT_THEN}"])

    def _caller(self, _: Params) -> Shape:
        return {"Account": self._snapshot.account, "Arn": self._snapshot.caller, "UserId": ""}

    def _findings(self, _: Params) -> Shape:
        self.assumed.add("what Access Analyzer finds in new and changed policy documents (aws_checks)")
        return {"findings": []}

    def _tag_index(self, _: Params) -> Shape:
        raise Refused("AccessDenied", "each policy has its tags in the snapshot")

    def _details(self, _: Params) -> Shape:
        """All users, groups and policies. Those without a name are there to be counted; some are administrators."""
        snapshot, unnamed = self._snapshot, self._snapshot.unnamed
        administrator = [aws_policy_arn(snapshot.partition, "AdministratorAccess")]
        users = [_user(name, user) for name, user in snapshot.users.items()]
        users += [
            {"UserName": name, "UserId": "", "Path": "/", "AttachedManagedPolicies": _attached(policies)}
            for number, name in enumerate(unnamed.users)
            for policies in [administrator if number < unnamed.administrators else []]
        ]
        groups = [_group(name, group) for name, group in snapshot.groups.items()]
        groups += [{"GroupName": name, "Path": "/"} for name in unnamed.groups]
        policies = [_policy(arn, policy) for arn, policy in snapshot.policies.items()]
        policies += [
            {"Arn": policy_arn(snapshot.of, "/", name), "PolicyName": name, "Path": "/", "PolicyVersionList": []}
            for name in unnamed.policies
        ]
        return {"UserDetailList": users, "GroupDetailList": groups, "Policies": policies, "IsTruncated": False}

    def _policy_tags(self, params: Params) -> Shape:
        policy = self._snapshot.policies.get(params["PolicyArn"])  # those that are only counted are not owned
        return {"Tags": _tags(policy.tags if policy else {})}

    def _login_profile(self, params: Params) -> Shape:
        name = params["UserName"]
        password = self._credentials(name).password
        if password is None:
            raise Refused("NoSuchEntity", f"Login Profile for User {name} cannot be found.")
        created = password.created or self._snapshot.taken  # only a password that must be claimed has an age
        told = {"UserName": name, "CreateDate": created, "PasswordResetRequired": password.reset_required}
        return {"LoginProfile": told}

    def _get_user(self, params: Params) -> Shape:
        name = params["UserName"]
        password = self._credentials(name).password
        if password is None or password.created is None:
            self._lacks(f"when user/{name} last signed in")
        return {"User": {} if password.last_used is None else {"PasswordLastUsed": password.last_used}}

    def _access_keys(self, params: Params) -> Shape:
        keys = self._credentials(params["UserName"]).access_keys
        return {"AccessKeyMetadata": [_key(key) for key in keys]}

    def _last_use(self, params: Params) -> Shape:
        used = self._keys[params["AccessKeyId"]].last_used
        return {"AccessKeyLastUsed": {} if used is None else {"LastUsedDate": used}}

    def _mfa_devices(self, params: Params) -> Shape:
        return {"MFADevices": [{"SerialNumber": one} for one in self._other(params).mfa_devices]}

    def _ssh_public_keys(self, params: Params) -> Shape:
        return {"SSHPublicKeys": [{"SSHPublicKeyId": one} for one in self._other(params).ssh_public_keys]}

    def _certificates(self, params: Params) -> Shape:
        return {"Certificates": [{"CertificateId": one} for one in self._other(params).signing_certificates]}

    def _service_credentials(self, params: Params) -> Shape:
        found = self._other(params).service_specific_credentials
        return {"ServiceSpecificCredentials": [{"ServiceSpecificCredentialId": one} for one in found]}

    def _unassigned_devices(self, _: Params) -> Shape:
        return {"VirtualMFADevices": [{"SerialNumber": one} for one in self._snapshot.unassigned_mfa_devices]}

    def _entities(self, params: Params) -> Shape:
        arn = Arn(params["PolicyArn"])
        policy = self._snapshot.policies.get(arn)
        if policy is None or policy.used_by is None:
            self._lacks(f"which users, groups and roles have policy {short_name(arn)}")
        kinds = [one.partition("/") for one in policy.used_by]
        return {
            f"Policy{kind}s": [{f"{kind}Name": name} for one, _, name in kinds if one == kind.lower()]
            for kind in ("User", "Group", "Role")
        }

    def _any_policy(self, params: Params) -> Shape:
        arn = Arn(params["PolicyArn"])
        policy = self._aws_policy(arn)
        return {"Policy": {"Arn": arn, "IsAttachable": policy.attachable, "DefaultVersionId": policy.version}}

    def _policy_version(self, params: Params) -> Shape:
        policy = self._aws_policy(Arn(params["PolicyArn"]))
        return {"PolicyVersion": {"VersionId": policy.version, "Document": _text(policy.document)}}

    def _password_policy(self, _: Params) -> Shape:
        policy = self._snapshot.password_policy
        if policy is None:
            raise Refused("NoSuchEntity", f"Password policy of account {self._snapshot.account} cannot be found.")
        return {
            "PasswordPolicy": {
                "MinimumPasswordLength": policy.minimum_length,
                "AllowUsersToChangePassword": policy.users_may_change,
                "ExpirePasswords": policy.expire,
            }
        }

    def _summary(self, _: Params) -> Shape:
        return {"SummaryMap": {**self._snapshot.quotas}}

    def _aliases(self, _: Params) -> Shape:
        return {"AccountAliases": []}  # what the alias is is asked for when credentials are delivered

    def _get_role(self, params: Params) -> Shape:
        boundary = self._role(params).permissions_boundary
        return {"Role": {"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}}

    def _role_policies(self, params: Params) -> Shape:
        return {"AttachedPolicies": _attached(self._role(params).policies)}

    def _role(self, params: Params) -> entries.Role:
        if self._snapshot.role is None:
            raise Refused("NoSuchEntity", f"The role with name {params['RoleName']} cannot be found.")
        return self._snapshot.role

    def _credentials(self, name: str) -> entries.Credentials:
        user = self._snapshot.users.get(name)
        if user is None or user.credentials is None:
            self._lacks(f"password and access keys of user/{name}")
        return user.credentials

    def _other(self, params: Params) -> entries.OtherCredentials:
        found = self._credentials(params["UserName"]).other
        if found is None:
            self._lacks(f"MFA devices and other credentials of user/{params['UserName']}, whom the plan deletes")
        return found

    def _aws_policy(self, arn: Arn) -> entries.AwsPolicy:
        """A policy of AWS. Where nobody asked for it, the text that iamsync ships counts, as if asking were denied."""
        if arn in self._snapshot.aws_policies:
            policy = self._snapshot.aws_policies[arn]
            if policy is None:
                raise Refused("NoSuchEntity", f"Policy {arn} was not found.")
            return policy
        if not is_aws_managed(arn) or known_document(arn) is None:
            self._lacks(f"policy {short_name(arn)}")
        self.assumed.add(f"whether AWS has changed {short_name(arn)} since iamsync was released")
        raise Refused("AccessDenied", "the snapshot does not have it")

    _BY_OPERATION: ClassVar[Mapping[Operation, Callable[["Answers", Params], Shape]]] = {
        ("sts", "GetCallerIdentity"): _caller,
        ("accessanalyzer", "ValidatePolicy"): _findings,
        ("resourcegroupstaggingapi", "GetResources"): _tag_index,
        ("iam", "GetAccountAuthorizationDetails"): _details,
        ("iam", "GetAccountPasswordPolicy"): _password_policy,
        ("iam", "GetAccountSummary"): _summary,
        ("iam", "ListAccountAliases"): _aliases,
        ("iam", "ListVirtualMFADevices"): _unassigned_devices,
        ("iam", "GetAccessKeyLastUsed"): _last_use,
        ("iam", "GetLoginProfile"): _login_profile,
        ("iam", "GetUser"): _get_user,
        ("iam", "ListAccessKeys"): _access_keys,
        ("iam", "ListMFADevices"): _mfa_devices,
        ("iam", "ListSSHPublicKeys"): _ssh_public_keys,
        ("iam", "ListServiceSpecificCredentials"): _service_credentials,
        ("iam", "ListSigningCertificates"): _certificates,
        ("iam", "GetPolicy"): _any_policy,
        ("iam", "GetPolicyVersion"): _policy_version,
        ("iam", "ListEntitiesForPolicy"): _entities,
        ("iam", "ListPolicyTags"): _policy_tags,
        ("iam", "GetRole"): _get_role,
        ("iam", "ListAttachedRolePolicies"): _role_policies,
    }
    """All reads but those that only `apply` makes."""


def _user(name: str, user: entries.User) -> Shape:
    boundary = user.permissions_boundary
    return {
        "UserName": name,
        "UserId": user.id,
        "Path": user.path,
        "Tags": _tags(user.tags),
        "AttachedManagedPolicies": _attached(user.policies),
        "UserPolicyList": _inline(user.inline_policies),
        "GroupList": user.groups,
        **({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}),
    }


def _group(name: str, group: entries.Group) -> Shape:
    return {
        "GroupName": name,
        "Path": group.path,
        "AttachedManagedPolicies": _attached(group.policies),
        "GroupPolicyList": _inline(group.inline_policies),
    }


def _policy(arn: str, policy: entries.Policy) -> Shape:
    path, slash, name = arn.split(":", 5)[-1].removeprefix("policy").rpartition("/")
    return {
        "Arn": arn,
        "PolicyName": name,
        "Path": f"{path}{slash}",
        "Description": policy.description,
        "PolicyVersionList": [
            {"VersionId": one.id, "IsDefaultVersion": one.default, "Document": _text(one.document)}
            for one in policy.versions
        ],
    }


def _key(key: entries.AccessKey) -> Shape:
    status = "Active" if key.active else "Inactive"
    return {"AccessKeyId": key.id, "Status": status, "CreateDate": key.created}


def _tags(tags: Mapping[str, str]) -> list[Shape]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _attached(arns: Iterable[str]) -> list[Shape]:
    return [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in arns]


def _inline(documents: Mapping[str, entries.Document]) -> list[Shape]:
    return [{"PolicyName": name, "PolicyDocument": _text(document)} for name, document in documents.items()]


def _text(document: entries.Document) -> str:
    """A document as IAM sends it: JSON, URL-encoded, which botocore decodes. "" is none."""
    return "" if document is None else json.dumps(document).replace("%", "%25")
