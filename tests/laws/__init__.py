"""Laws of iamsync, for states that hypothesis makes, and the model of IAM that judges them."""
