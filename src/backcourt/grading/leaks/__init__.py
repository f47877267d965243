"""The leak suite: guards, each of which is shown to fail on a leak that was planted for it."""
