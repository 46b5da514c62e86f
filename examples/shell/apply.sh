#!/bin/sh
# Apply the reviewed plan, or nothing. If anything has changed since the review, it ends with 3 and lists the changes: run plan.sh
# again. New passwords and access keys go to a CSV file in the current folder. If there is no terminal, or Git does not ignore the
# file, name another place: set IAMSYNC_CSV.
set -eu
iamsync apply plan.iamsync --journal journal.jsonl
