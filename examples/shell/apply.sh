#!/bin/sh
# Apply the plan that was reviewed, or none. If anything has changed since, it ends with 3 and says what: run plan.sh again.
set -eu
iamsync apply plan.iamsync --journal journal.jsonl
