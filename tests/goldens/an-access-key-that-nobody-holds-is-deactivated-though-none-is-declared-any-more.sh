#!/bin/sh
# The plan of iamsync for account 123456789012: 2 calls.
# Digest 07a726eff13083f170664b5a589b1c3de6a76df0eed9df202bd82e51b17afa3b.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: deactivate access key AKIAAIKO2XXXXXXXXXXX (desired/iamsync.yaml:4)
aws iam update-access-key --user-name aiko --access-key-id AKIAAIKO2XXXXXXXXXXX --status Inactive

# user/aiko: clear the tag of an unfinished run (not declared)
aws iam untag-user --user-name aiko --tag-keys '["iamsync:new-access-key:0a1b2c3d"]'
