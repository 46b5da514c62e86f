#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest c6505d7900c5adb10c54dd05b69b54c8c225a7fd97cdb3d9e857a3b96f6c2c29.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: group/ops would change what break-glass may do, who is protected by "break-glass": detach it from break-glass yourself, or put the change into a policy or group that the user does not have
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/eve: remove from group ops (desired/iamsync.yaml:7)
aws iam remove-user-from-group --group-name ops --user-name eve

# user/fay: remove from group ops (desired/iamsync.yaml:7)
aws iam remove-user-from-group --group-name ops --user-name fay
