#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 73ec4e0eea54347f7b6a6aec0d9822320e2798468c91028540952e359f8d374d.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko.sato: rename aiko.suzuki -> aiko.sato (desired/iamsync.yaml:7)
# opens a temporary window: see the plan
aws iam update-user --user-name aiko.suzuki --new-user-name aiko.sato

# user/aiko.sato: detach Home (not declared)
aws iam detach-user-policy --user-name aiko.sato --policy-arn arn:aws:iam::123456789012:policy/Home
