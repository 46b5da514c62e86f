#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest c577a605cf837abedd72d6548a6d8c39d971e9a0bfab532bd4099a2fb7c108ce.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: path / -> /people/ (desired/iamsync.yaml:5)
aws iam update-user --user-name aiko --new-path /people/
