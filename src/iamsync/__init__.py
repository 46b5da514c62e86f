"""iamsync keeps the IAM users of an AWS account equal to what a Git repository says."""

__version__ = "0.1.0"
