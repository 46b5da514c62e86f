#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 68fb663cbb2f1a1c32cb01ef7aef3d0606cf231910bb9f234032c9b4db596ce7.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: inline policy s3 (desired/iamsync.yaml:5)
aws iam put-user-policy --user-name aiko --policy-name s3 --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
