"""The same pass as `apply`, again and again: `loop` says when, `cycle` what, `result` is what came of it."""
