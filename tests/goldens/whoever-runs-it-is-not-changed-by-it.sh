#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 81d3083ff58b6c66a5653390523838d0e01f8dba7ebdc0bc786df261bd6a0157.
# refused: self-lockout: the plan changes user/ci, which grants permissions to the caller arn:aws:iam::123456789012:user/ci: apply it with other credentials, or take it out of the files
echo 'this plan is refused: nothing is done' >&2; exit 3
