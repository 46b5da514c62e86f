"""Values -> what a person reads."""
