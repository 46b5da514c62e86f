#!/bin/sh
# The plan of iamsync for account 123456789012: 0 calls.
# Digest 0f86f4c0fa10d808f209038aa4b15271a6e8485a75fbae1025f8405ff8bd594a.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }
