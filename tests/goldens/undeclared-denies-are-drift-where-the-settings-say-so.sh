#!/bin/sh
# The plan of iamsync for account 123456789012: 6 calls.
# Digest 802dca4336e28f08930241d0726d7ae5a3e8da285732a7fdb846409afb4d632e.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
: "${PASSWORD_5:?set it to the new password of this user}"
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/eve: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:5)
aws iam attach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/eve: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess

# user/eve: detach Stop (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::123456789012:policy/Stop

# user/eve: detach aws:AWSDenyAll (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AWSDenyAll

# user/eve: delete inline policy case-4711 (not declared)
aws iam delete-user-policy --user-name eve --policy-name case-4711

# user/eve: create console password (desired/iamsync.yaml:5)
aws iam create-login-profile --user-name eve --password-reset-required --password "${PASSWORD_5:?set it to the new password of this user}"
