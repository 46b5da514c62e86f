#!/bin/sh
# The plan of iamsync for account 123456789012: 4 calls.
# Digest e977474c3970d4da8ea846bf1ed7e39be8b05a870d1e56c132e895551e1682d9.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: adopt: set the ownership tag on this existing user (desired/iamsync.yaml:7)
aws iam tag-user --user-name aiko --tags '[{"Key": "iamsync:owner", "Value": "platform"}]'

# user/aiko: remove tags Team (not declared)
aws iam untag-user --user-name aiko --tag-keys '["Team"]'

# user/aiko: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:7)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/aiko: detach aws:AdministratorAccess (not declared)
aws iam detach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
