#!/bin/sh
# The plan of iamsync for account 123456789012: 16 calls.
# Digest 0fa92bd79b66de396c2cd8fd618ffa2e4e9ea815b4869289cb576f88d58e4975.
# Unlike iamsync apply, it checks nothing on the way: it ends at the first call that fails.
set -euC
umask 077
export AWS_PAGER=''
account=$(aws sts get-caller-identity --query Account --output text)
[ "$account" = 123456789012 ] || { echo 'these calls are for account 123456789012' >&2; exit 1; }

# user/bo: deactivate access key AKIABO1XXXXXXXXXXXXX (not declared)
aws iam update-access-key --user-name bo --access-key-id AKIABO1XXXXXXXXXXXXX --status Inactive

# user/bo: delete console password (not declared)
aws iam delete-login-profile --user-name bo

# user/bo: deactivate MFA device GAKT000000BO (not declared)
aws iam deactivate-mfa-device --user-name bo --serial-number GAKT000000BO

# user/bo: deactivate MFA device arn:aws:iam::123456789012:mfa/bo (not declared)
aws iam deactivate-mfa-device --user-name bo --serial-number arn:aws:iam::123456789012:mfa/bo

# user/bo: delete virtual MFA device arn:aws:iam::123456789012:mfa/bo (not declared)
aws iam delete-virtual-mfa-device --serial-number arn:aws:iam::123456789012:mfa/bo

# user/bo: deactivate MFA device arn:aws:iam::123456789012:u2f/user/bo/default (not declared)
aws iam deactivate-mfa-device --user-name bo --serial-number arn:aws:iam::123456789012:u2f/user/bo/default

# user/bo: delete access key AKIABO1XXXXXXXXXXXXX (not declared)
aws iam delete-access-key --user-name bo --access-key-id AKIABO1XXXXXXXXXXXXX

# user/bo: delete access key AKIABO2XXXXXXXXXXXXX (not declared)
aws iam delete-access-key --user-name bo --access-key-id AKIABO2XXXXXXXXXXXXX

# user/bo: delete signing certificate CERTBO1XXXXXXXXXXXXXXXXX (not declared)
aws iam delete-signing-certificate --user-name bo --certificate-id CERTBO1XXXXXXXXXXXXXXXXX

# user/bo: delete SSH public key APKABO1XXXXXXXXXXXXX (not declared)
aws iam delete-ssh-public-key --user-name bo --ssh-public-key-id APKABO1XXXXXXXXXXXXX

# user/bo: delete service-specific credential ACCABO1XXXXXXXXXXXXX (not declared)
aws iam delete-service-specific-credential --user-name bo --service-specific-credential-id ACCABO1XXXXXXXXXXXXX

# user/bo: remove from group readers (not declared)
aws iam remove-user-from-group --group-name readers --user-name bo

# user/bo: delete inline policy queue (not declared)
aws iam delete-user-policy --user-name bo --policy-name queue

# user/bo: detach aws:AdministratorAccess (not declared)
aws iam detach-user-policy --user-name bo --policy-arn arn:aws:iam::aws:policy/AdministratorAccess

# user/bo: detach Guard (not declared)
aws iam detach-user-policy --user-name bo --policy-arn arn:aws:iam::123456789012:policy/Guard

# user/bo: delete user (not declared)
aws iam delete-user --user-name bo
