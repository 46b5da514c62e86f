#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest c12ea9b119ce53475ecf1242c5a908f6cd8a7bc1ac08f492b7691768c60a36f9.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: user/u2 2 removals (user/u2, user/u3), more than settings.guards.max_removals 1 allows: what cannot be made again is not deleted; to delete it, use --allow-removals 2
# held back: user/u3 2 removals (user/u2, user/u3), more than settings.guards.max_removals 1 allows: what cannot be made again is not deleted; to delete it, use --allow-removals 2
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/u2: inline policy iamsync-suspended (declared)
aws iam put-user-policy --user-name u2 --policy-name iamsync-suspended --policy-document '{"Version":"2012-10-17","Statement":[{"Sid":"Suspended","Effect":"Deny","Action":"*","Resource":"*"}]}'

# user/u3: inline policy iamsync-suspended (declared)
aws iam put-user-policy --user-name u3 --policy-name iamsync-suspended --policy-document '{"Version":"2012-10-17","Statement":[{"Sid":"Suspended","Effect":"Deny","Action":"*","Resource":"*"}]}'
