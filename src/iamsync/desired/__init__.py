"""YAML files in, desired state out; every problem with its file, line and column."""

from iamsync.desired.declaration import Declaration, load
from iamsync.desired.files import fingerprint
from iamsync.desired.references import is_known_to_be_aws

__all__ = ["Declaration", "fingerprint", "is_known_to_be_aws", "load"]
