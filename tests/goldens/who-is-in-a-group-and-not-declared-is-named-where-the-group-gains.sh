#!/bin/sh
# The plan of iamsync for account 123456789012: 3 calls.
# Digest b401d7e0ec971d2badbb162fc6def1ab8d55b344258f97c37e379be1f34b66e9.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# group/readers: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:6)
aws iam attach-group-policy --group-name readers --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# policy/Shared: new default version (desired/iamsync.yaml:4)
aws iam create-policy-version --policy-arn arn:aws:iam::123456789012:policy/Shared --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}' --set-as-default

# group/readers: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-group-policy --group-name readers --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
