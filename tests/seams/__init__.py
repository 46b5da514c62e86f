"""What it takes to add a delivery channel, a source of files, or something that watches the loop: one short module
each, and no change in iamsync.
"""
