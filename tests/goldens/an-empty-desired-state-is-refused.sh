#!/bin/sh
# The plan of iamsync for account 123456789012: 1 call.
# Digest 5eae93095f8b353ff83df103dd15bef7e911d6c00e5178c46075aed5dc8b9918.
# refused: empty desired state: the files declare no user, group or policy: is this the right folder, and the whole of it?
echo 'this plan is refused: nothing is done' >&2; exit 3
