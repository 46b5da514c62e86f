#!/bin/sh
# The plan of iamsync for account 123456789012: 4 calls.
# Digest e3b3dcfcdbe733815ed8dd4438f7e666318f9ab7de6cf5b8551786cbc77e5193.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: user/eve has undeclared Denies, which stay, and the user gets no new password or access key: policy Stop; to remove them: --remove-deny user/eve:Stop
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/eve: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:5)
aws iam attach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/eve: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess

# user/eve: detach aws:AWSDenyAll (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AWSDenyAll

# user/eve: delete inline policy case-4711 (not declared)
aws iam delete-user-policy --user-name eve --policy-name case-4711
