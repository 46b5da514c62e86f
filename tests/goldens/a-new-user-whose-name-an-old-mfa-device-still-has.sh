#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 441edb6ba777b2c014a1dbf7cf98ba99241997dcbc2d0945cf887d550cade5e2.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: create user (desired/iamsync.yaml:5)
aws iam create-user --user-name aiko --path / --tags '[{"Key": "iamsync:owner", "Value": "platform"}]'
