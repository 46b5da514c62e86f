#!/bin/sh
# The plan of iamsync for account 123456789012: 6 calls.
# Digest 54be8fc0e5c31bf87f5fec719b7dfaba60fdf3c60c25abfee1be6939ef450e32.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: user/eve is on hold (incident 4711): gets nothing, and nothing is deleted; to go on, remove the tag iamsync:hold
# held back: user/fay is on hold: gets nothing, and nothing is deleted; to go on, remove the tag iamsync:hold
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/fay: inline policy iamsync-suspended (declared)
aws iam put-user-policy --user-name fay --policy-name iamsync-suspended --policy-document '{"Version":"2012-10-17","Statement":[{"Sid":"Suspended","Effect":"Deny","Action":"*","Resource":"*"}]}'

# user/fay: record which access keys were active (declared)
aws iam tag-user --user-name fay --tags '[{"Key": "iamsync:suspended-keys", "Value": "AKIAFAY1XXXXXXXXXXXX"}]'

# user/fay: deactivate access key AKIAFAY1XXXXXXXXXXXX (not declared)
aws iam update-access-key --user-name fay --access-key-id AKIAFAY1XXXXXXXXXXXX --status Inactive

# policy/Shared: new default version (desired/iamsync.yaml:4)
aws iam create-policy-version --policy-arn arn:aws:iam::123456789012:policy/Shared --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:Get*","Resource":"*"}]}' --set-as-default

# user/eve: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-user-policy --user-name eve --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess

# user/fay: detach aws:AmazonEC2ReadOnlyAccess (not declared)
aws iam detach-user-policy --user-name fay --policy-arn arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess
