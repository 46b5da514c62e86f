"""The tables of operations: what is in them is sent, and nothing else."""

import json
from pathlib import Path

import botocore.session

from faults.company import of
from faults.conftest import Company
from faults.network import After, Fault
from iamsync import aws, live
from iamsync.core.operations import READS, WRITES, Operation, Resource

CASES = Path(__file__).parent.parent / "cases"
SIGNED_AS = {"access-analyzer": "accessanalyzer", "tagging": "resourcegroupstaggingapi"}
"""Services whose calls are signed by another name than botocore has for them."""

MEMBERSHIPS = ("AddUserToGroup", "RemoveUserFromGroup")
_PARAMETERS = {
    "UserName": Resource.USER,
    "GroupName": Resource.GROUP,
    "RoleName": Resource.ROLE,
    "PolicyArn": Resource.POLICY,
    "SerialNumber": Resource.MFA_DEVICE,
}
"""What an operation acts on; where it takes several, the first."""

_DOCUMENT = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}'
_POLICIES = [f"OneOfMany{number}" for number in range(live.FEW + 1)]
_MORE = """
settings: {quotas: {policies_per_user: 20}}
policies:
%s
users:
  many:
    policies: [%s]
"""
_ATTACHED = (
    *("AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess", "AmazonSQSReadOnlyAccess", "AmazonSNSReadOnlyAccess"),
    *("AmazonRDSReadOnlyAccess", "AmazonVPCReadOnlyAccess", "AmazonSSMReadOnlyAccess", "AWSSupportAccess"),
    *("SecurityAudit", "ReadOnlyAccess", "NoSuchPolicyAtAll"),
)


def _more() -> str:
    """Many policies, and a user with more of them than the quota."""
    there = "\n".join(f"  {name}: {{document: {_DOCUMENT}}}" for name in _POLICIES)
    return _MORE % (there, ", ".join(f"aws:{name}" for name in _ATTACHED))


def test_every_operation_of_the_tables_is_sent_and_no_other(company: Company) -> None:
    """Into an account in which everything changes, with the answers lost that are made good by other calls; a
    second plan, beyond a quota, with a policy that AWS does not have and many that exist; and the role that applies it.
    """
    lost = ("CreateGroup", "CreatePolicy ", "CreateLoginProfile")
    company.network.script = [Fault(match=f"^{name}", after=After.RESET) for name in lost]
    assert company.apply("--parallel", "1").code == 0
    for name in _POLICIES:
        of(company.network.sandbox).create_policy(PolicyName=name, PolicyDocument=_DOCUMENT)
    (company.folder / "desired" / "more.yaml").write_text(_more())
    text = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:Get*', Resource: '*'}]}"
    (company.folder / "desired" / "policy.yaml").write_text(f"policies: {{Another: {{document: {text}}}}}\n")
    assert company.plan("--aws-checks").code == 3
    assert of(company.network.sandbox).create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert live.role_policies(aws.reader(aws.open_session()), "deployer") == frozenset()

    calls = company.network.sandbox.calls
    sent = {(SIGNED_AS.get(call.service, call.service), call.operation) for call in calls}

    assert sent - {("iam", "CreateRole")} == READS.keys() | WRITES.keys()


def test_every_call_of_the_cases_is_in_the_table_of_writes() -> None:
    calls = {line.split()[0] for file in CASES.glob("*/calls.txt") for line in file.read_text().splitlines()}

    assert {("iam", name) for name in calls - {"no"}} < WRITES.keys()
    assert len(calls) > len(WRITES) / 2


def test_an_operation_that_names_a_resource_is_of_its_kind() -> None:
    """In IAM's own model, by the parameters that an operation takes; a membership is the group's."""
    for operation, needs in {**READS, **WRITES}.items():
        taken = _parameters(operation) - ({"UserName"} if operation[1] in MEMBERSHIPS else set())
        kinds = [kind for name, kind in _PARAMETERS.items() if name in taken]
        if operation[1] not in {"GetAccessKeyLastUsed", "CreatePolicy"}:  # by the key's id; by a name that is new
            assert needs.resource is next(iter(kinds), Resource.ANY), operation


def test_a_permission_is_of_the_operation_and_of_what_it_does_beside() -> None:
    """A user or policy that is created with tags needs a permission for them (IAM User Guide, "Tags for IAM")."""
    needed = {name: needs.permissions for (_, name), needs in {**READS, **WRITES}.items()}

    assert needed.pop("GetCallerIdentity") == ()
    assert needed.pop("ValidatePolicy") == ("access-analyzer:ValidatePolicy",)
    assert needed.pop("GetResources") == ("tag:GetResources",)
    assert needed.pop("CreateUser") == ("iam:CreateUser", "iam:TagUser")
    assert needed.pop("CreatePolicy") == ("iam:CreatePolicy", "iam:TagPolicy")
    assert needed == {name: (f"iam:{name}",) for name in needed}


def _parameters(operation: Operation) -> set[str]:
    service, name = operation
    shape = botocore.session.get_session().get_service_model(service).operation_model(name).input_shape
    return set(shape.members if shape else ())


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}
    ],
}
