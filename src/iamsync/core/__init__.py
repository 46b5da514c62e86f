"""What decides: values and pure functions. No boto3, YAML, files, clock, randomness or logging in here."""
