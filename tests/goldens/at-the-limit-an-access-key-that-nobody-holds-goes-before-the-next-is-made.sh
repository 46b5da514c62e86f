#!/bin/sh
# The plan of iamsync for account 123456789012: 6 calls.
# Digest bcbfb5c5a6c5f9f336a157f5a3460e48ce2b827194d1fbc2253f43471c0b0352.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
: "${ACCESS_KEY_4:?set it to a new file for the answer, which holds the secret of the access key}"
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/aiko: delete access key AKIAAIKO2XXXXXXXXXXX (desired/iamsync.yaml:4)
aws iam delete-access-key --user-name aiko --access-key-id AKIAAIKO2XXXXXXXXXXX

# user/aiko: clear the tag of an unfinished run (not declared)
aws iam untag-user --user-name aiko --tag-keys '["iamsync:new-access-key:0a1b2c3d"]'

# user/aiko: claim new access keys for this run (desired/iamsync.yaml:4)
aws iam tag-user --user-name aiko --tags '[{"Key": "iamsync:new-access-key:bcbfb5c5", "Value": ""}]'

# user/aiko: record which access keys exist (desired/iamsync.yaml:4)
aws iam tag-user --user-name aiko --tags '[{"Key": "iamsync:new-access-key:bcbfb5c5", "Value": "AKIAAIKO1XXXXXXXXXXX"}]'

# user/aiko: create access key (desired/iamsync.yaml:4)
aws iam create-access-key --user-name aiko > "${ACCESS_KEY_4:?set it to a new file for the answer, which holds the secret of the access key}"

# user/aiko: clear bookkeeping tag iamsync:new-access-key (not declared)
aws iam untag-user --user-name aiko --tag-keys '["iamsync:new-access-key:bcbfb5c5"]'
