"""The formats of a plan, over the cases that are written out in words (`plan.txt`)."""
