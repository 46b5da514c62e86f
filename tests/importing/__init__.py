"""A live account -> files -> desired state -> a plan that holds nothing but adoption."""
