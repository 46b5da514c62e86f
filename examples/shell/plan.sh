#!/bin/sh
# Plan, for review: plan.md is for people, apply.sh applies plan.iamsync. The credentials need to read IAM only.
set -eu
iamsync validate --strict
iamsync plan --format markdown -o plan.md --format text -o - --out plan.iamsync
