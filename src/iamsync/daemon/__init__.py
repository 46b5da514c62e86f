"""The same pass as `apply`, for ever."""
