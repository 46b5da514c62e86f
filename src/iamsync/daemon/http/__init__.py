"""HTTP beside the loop: health and metrics on one address; the status page, the webhook and the pause on another."""
