"""Plan -> IAM calls -> Report. The calls of the plan, in its order, and no other.

`executor` says who goes side by side, who waits and who is skipped; `sending` makes one call and patiently; `answers`
is the table of what IAM's answers mean; `marks`, `versions`, `renames`, `passwords` and `access_keys` know what may not
be sent twice blindly; `claims` lets one of several runs make access keys; `gate` says whether this process may write.
"""

from iamsync.apply.executor import apply
from iamsync.apply.gate import Closed, Gate, always_open
from iamsync.apply.patience import Patience

__all__ = ["Closed", "Gate", "Patience", "always_open", "apply"]
