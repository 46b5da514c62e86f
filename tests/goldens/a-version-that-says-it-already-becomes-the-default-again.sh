#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 3f4cf5dcbcb078fcbe8faa01f38cf2803b5c7e5723bf492b34ba2094796aba00.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# policy/Deploy: make v1 the default version again (desired/iamsync.yaml:5)
aws iam set-default-policy-version --policy-arn arn:aws:iam::123456789012:policy/Deploy --version-id v1
