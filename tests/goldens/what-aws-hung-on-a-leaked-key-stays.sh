#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest fd3bca2c51c9071b12f0e7b87291a2d71a306527a5230574075e84461382a965.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:5)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/aiko: detach aws:AdministratorAccess (not declared)
aws iam detach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
