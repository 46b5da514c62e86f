#!/bin/sh
# The plan of iamsync for account 123456789012: 0 calls.
# Digest cca1508733c84114d158cadad4d250b1339b46af69e1ca98ce2f03fc74f75ee8.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
# held back: user/eve would have 11 attached policies, AWS allows 10 (AttachedPoliciesPerUserQuota): ask AWS to raise it (Service Quotas), or declare less; or remove undeclared Denies, which count: --remove-deny user/eve:Stop; has undeclared Denies, which stay, and the user gets no new password or access key: policy Stop; to remove them: --remove-deny user/eve:Stop
# held back: user/fay would have 2290 characters of inline policies, AWS allows 2048: declare less; or remove undeclared Denies, which count: --remove-deny user/fay:stop; has undeclared Denies, which stay, and the user gets no new password or access key: inline policy stop; to remove them: --remove-deny user/fay:stop
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }
