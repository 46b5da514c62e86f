"""What a killed client has sent is over before a test goes on: else it would end in the account of what comes next."""

from http.client import HTTPConnection
from urllib.parse import urlencode

from mypy_boto3_iam import IAMClient

from faults.network import Network

SIGNED = "AWS4-HMAC-SHA256 Credential=sandbox/20120101/us-east-1/iam/aws4_request"


def test_a_call_whose_client_is_gone_has_ended_when_it_has_landed(network: Network, iam: IAMClient) -> None:
    names = [f"user{number:02}" for number in range(20)]
    for name in names:
        client = HTTPConnection("127.0.0.1", int(network.url.rpartition(":")[2]))
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": SIGNED}
        client.request(
            "POST", "/", urlencode({"Action": "CreateUser", "UserName": name, "Version": "2010-05-08"}), form
        )
        client.close()

    network.land()

    assert sorted(one["UserName"] for one in iam.list_users()["Users"]) == names
