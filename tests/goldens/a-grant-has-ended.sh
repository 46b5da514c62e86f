#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 80246b768989131e0ddc2e97edd21922154fb731a10d9f25c25054fbfb17c405.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: detach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:5)
aws iam detach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
