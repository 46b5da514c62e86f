"""Two applies at once, in every order of their calls: no threads race and no clock runs.

`run` tells what an apply does next, given the answers that it got so far; `account` is IAM, whose reads may be out of
date; `walk` goes through everything that can happen.
"""
