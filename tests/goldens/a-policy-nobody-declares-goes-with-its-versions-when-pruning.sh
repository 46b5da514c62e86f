#!/bin/sh
# The plan of iamsync for account 123456789012: 4 calls.
# Digest e2263939af26d592ecd3fb40256d1b7fd9686280bc652d8f679917f4ea35f974.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: detach Old (not declared)
aws iam detach-user-policy --user-name aiko --policy-arn arn:aws:iam::123456789012:policy/Old

# policy/Old: delete version v1 (not declared)
aws iam delete-policy-version --policy-arn arn:aws:iam::123456789012:policy/Old --version-id v1

# policy/Old: delete version v4 (not declared)
aws iam delete-policy-version --policy-arn arn:aws:iam::123456789012:policy/Old --version-id v4

# policy/Old: delete policy (not declared)
aws iam delete-policy --policy-arn arn:aws:iam::123456789012:policy/Old
