"""Which facets of the language the planner has. A facet that is off is not drawn, on either side; the aim is no Off."""

FACETS = {
    "attachments": True,
    "tags": True,
    "path": True,
    "policies": True,
    "console on": True,
    "console off": True,
    "access keys": True,
    "boundary": True,
    "inline": True,
    "groups": True,
    "suspended": True,
    "rename": True,
    "adopt": True,
    "prune": True,
}
