#!/bin/sh
# The plan of iamsync for account 123456789012: 3 calls.
# Digest d6e2e6019edfef33678be0802c2193ec1b6149822d0cb644fb4a4dd1275779fa.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: record when the access key was deactivated (desired/iamsync.yaml:4)
aws iam tag-user --user-name aiko --tags '[{"Key": "iamsync:retired-key", "Value": "AKIAAIKO1XXXXXXXXXXX 2026-11-24"}]'

# user/aiko: deactivate access key AKIAAIKO1XXXXXXXXXXX (desired/iamsync.yaml:4)
aws iam update-access-key --user-name aiko --access-key-id AKIAAIKO1XXXXXXXXXXX --status Inactive

# user/aiko: clear the tag of an unfinished run (not declared)
aws iam untag-user --user-name aiko --tag-keys '["iamsync:new-access-key:0a1b2c3d"]'
