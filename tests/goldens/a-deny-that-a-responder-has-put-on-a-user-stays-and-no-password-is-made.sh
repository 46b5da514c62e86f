#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 6f06e095b10979b9132b1ecb0f37ba2a4258e7c882c50d4057ef6efaa38213a3.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: user/eve has undeclared Denies, which stay, and the user gets no new password or access key: policy Stop, policy aws:AWSDenyAll, inline policy case-4711; to remove them: --remove-deny user/eve:Stop --remove-deny user/eve:aws:AWSDenyAll --remove-deny user/eve:case-4711
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/eve: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:5)
aws iam attach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/eve: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
