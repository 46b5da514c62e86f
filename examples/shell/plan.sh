#!/bin/sh
# Plan, for review: plan.md is for people, plan.iamsync is what apply.sh takes. Credentials that may only read are enough.
set -eu
iamsync validate --strict
iamsync plan --format markdown -o plan.md --format text -o - --out plan.iamsync
