#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest e072e2e9554809ed2ea50b0cdeba7dd6a3b918cf76f44d35db4e3913592aa661.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
: "${PASSWORD_1:?set it to the new password of this user}"
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# group/ops: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-group-policy --group-name ops --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess

# user/eve: create console password (desired/iamsync.yaml:7)
aws iam create-login-profile --user-name eve --password-reset-required --password "${PASSWORD_1:?set it to the new password of this user}"
