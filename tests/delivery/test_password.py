import pytest
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_iam import IAMClient

from iamsync.delivery.password import AWS_DEFAULT, DIGITS, LOWER, SYMBOLS, UPPER, PasswordRules, mint, rules_of

IAM_SYMBOLS = set("!@#$%^&*()_+-=[]{}|'")
"""API_UpdateAccountPasswordPolicy, RequireSymbols."""


@given(st.integers(min_value=6, max_value=128))
def test_a_password_satisfies_every_rule_an_account_can_have(minimum_length: int) -> None:
    password = mint(PasswordRules(minimum_length=minimum_length))

    assert minimum_length <= len(password) <= 128
    for one_class in (LOWER, UPPER, DIGITS, SYMBOLS):
        assert set(password) & set(one_class)


def test_only_symbols_that_iam_counts_are_used() -> None:
    assert set(SYMBOLS) <= IAM_SYMBOLS


def test_no_spreadsheet_takes_a_password_for_a_formula() -> None:
    assert all(mint(AWS_DEFAULT)[0].isalpha() for _ in range(500))


def test_no_two_passwords_are_alike() -> None:
    assert len({mint(AWS_DEFAULT) for _ in range(500)}) == 500


@pytest.mark.parametrize("look_alike", "lI1O0")
def test_look_alikes_are_left_out(look_alike: str) -> None:
    assert look_alike not in LOWER + UPPER + DIGITS + SYMBOLS


def test_an_account_without_a_policy_has_the_rules_of_aws(iam: IAMClient) -> None:
    assert rules_of(iam) == AWS_DEFAULT


def test_the_accounts_own_minimum_length_counts(iam: IAMClient) -> None:
    iam.update_account_password_policy(MinimumPasswordLength=99, RequireSymbols=True, RequireNumbers=True)

    assert rules_of(iam) == PasswordRules(minimum_length=99)
    iam.create_user(UserName="aiko")
    iam.create_login_profile(UserName="aiko", Password=mint(rules_of(iam)))
