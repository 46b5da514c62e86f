#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest cb57276487250c6b2562ff5e15f34039ac01d8c0365dcf06a5b815d527e1593f.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: delete access key AKIAAIKO1XXXXXXXXXXX (desired/iamsync.yaml:4)
aws iam delete-access-key --user-name aiko --access-key-id AKIAAIKO1XXXXXXXXXXX
