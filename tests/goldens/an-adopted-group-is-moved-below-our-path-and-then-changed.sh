#!/bin/sh
# The plan of iamsync for account 123456789012: 4 calls.
# Digest 86b8f7cc3b5ca8bfe6d7230840c7b4cf494674527bb5eec2035dd3bb475be3c1.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# group/ops: adopt: move this existing group, path /teams/eu/ -> /iamsync/platform/teams/eu/ (desired/iamsync.yaml:11)
aws iam update-group --group-name ops --new-path /iamsync/platform/teams/eu/

# group/ops: attach aws:SecurityAudit (desired/iamsync.yaml:11)
aws iam attach-group-policy --group-name ops --policy-arn arn:aws:iam::aws:policy/SecurityAudit

# group/ops: detach aws:AdministratorAccess (not declared)
aws iam detach-group-policy --group-name ops --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

# user/aiko: add to group ops (desired/iamsync.yaml:13)
aws iam add-user-to-group --group-name ops --user-name aiko
