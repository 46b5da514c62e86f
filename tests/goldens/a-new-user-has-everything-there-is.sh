#!/bin/sh
# The plan of iamsync for account 123456789012: 10 calls.
# Digest 7d1c0d6c3a49b764de3db6c08ff8ca9521be0932391cb92c257d52894dce935e.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
: "${PASSWORD_9:?set it to the new password of this user}"
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# group/auditors: create group (desired/iamsync.yaml:9)
aws iam create-group --group-name auditors --path /iamsync/platform/

# policy/NoIam: create policy (desired/iamsync.yaml:5)
aws iam create-policy --policy-name NoIam --path / --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}' --tags '[{"Key": "iamsync:owner", "Value": "platform"}]'

# user/aiko: create user (desired/iamsync.yaml:11)
aws iam create-user --user-name aiko --path /people/ --permissions-boundary arn:aws:iam::aws:policy/PowerUserAccess --tags '[{"Key": "Team", "Value": "data"}, {"Key": "iamsync:owner", "Value": "platform"}]'

# user/aiko: attach NoIam (desired/iamsync.yaml:7)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::123456789012:policy/NoIam

# group/auditors: attach aws:SecurityAudit (desired/iamsync.yaml:9)
aws iam attach-group-policy --group-name auditors --policy-arn arn:aws:iam::aws:policy/SecurityAudit

# user/aiko: attach aws:AmazonS3ReadOnlyAccess (desired/iamsync.yaml:16)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess

# user/aiko: attach aws:job-function/ViewOnlyAccess (desired/iamsync.yaml:7)
aws iam attach-user-policy --user-name aiko --policy-arn arn:aws:iam::aws:policy/job-function/ViewOnlyAccess

# user/aiko: inline policy queue (desired/iamsync.yaml:11)
aws iam put-user-policy --user-name aiko --policy-name queue --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'

# user/aiko: add to group auditors (desired/iamsync.yaml:11)
aws iam add-user-to-group --group-name auditors --user-name aiko

# user/aiko: create console password (desired/iamsync.yaml:19)
aws iam create-login-profile --user-name aiko --no-password-reset-required --password "${PASSWORD_9:?set it to the new password of this user}"
