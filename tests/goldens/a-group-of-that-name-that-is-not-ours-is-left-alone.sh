#!/bin/sh
# The plan of iamsync for account 123456789012: 0 calls.
# Digest cca1508733c84114d158cadad4d250b1339b46af69e1ca98ce2f03fc74f75ee8.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: group/auditors exists as /auditors, not owned: left alone. To adopt it, which moves it to /iamsync/platform/auditors: --adopt group/auditors, or settings.adopt: true. To only use it: do not declare it, and name it in `groups` of the users
# held back: user/aiko depends on group/auditors, which iamsync does not manage here
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }
