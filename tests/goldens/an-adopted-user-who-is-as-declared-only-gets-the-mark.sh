#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 874f2bd98737c495b6711e696e6b8fbcd15d095cd21d610543d06d3e53a8f3e6.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: adopt: set the ownership tag on this existing user (desired/iamsync.yaml:7)
aws iam tag-user --user-name aiko --tags '[{"Key": "iamsync:owner", "Value": "platform"}]'
