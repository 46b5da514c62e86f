#!/bin/sh
# The plan of iamsync for account 123456789012: 0 calls.
# Digest cca1508733c84114d158cadad4d250b1339b46af69e1ca98ce2f03fc74f75ee8.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: group/ops exists, owned by "security", not by "platform": let security release it first
# held back: user/aiko depends on group/ops, which iamsync does not manage here
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }
