#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 2eeb2dcc948deeeaf9e1490c698ec81ebea56b474dd15c4938c34910a5a18f5a.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: add to group auditors (desired/iamsync.yaml:5)
aws iam add-user-to-group --group-name auditors --user-name aiko

# user/aiko: remove from group ops (desired/iamsync.yaml:5)
aws iam remove-user-from-group --group-name ops --user-name aiko
