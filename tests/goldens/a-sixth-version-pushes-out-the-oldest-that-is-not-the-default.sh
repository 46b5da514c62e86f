#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 5eba4afa7e3cf221511a9f580b67565b8330610426671860512e1aa9f50c25ac.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# policy/Deploy: delete version v3 (not declared)
aws iam delete-policy-version --policy-arn arn:aws:iam::123456789012:policy/Deploy --version-id v3

# policy/Deploy: new default version (desired/iamsync.yaml:5)
aws iam create-policy-version --policy-arn arn:aws:iam::123456789012:policy/Deploy --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}' --set-as-default
