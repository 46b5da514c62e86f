#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 6c8cc26c2dbbeefeb5c20025f1386340c2515fb8f121bea2838f5eadd3251506.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: detach aws:AmazonS3ReadOnlyAccess (not declared)
# opens a temporary window: see the plan
aws iam detach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/aiko: attach aws:AmazonS3FullAccess (desired/iamsync.yaml:7)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3FullAccess
