"""What AWS publishes, as it was on a date: shipped as compressed files, made by the scripts in tools/, and read when it
is first asked for.
"""
