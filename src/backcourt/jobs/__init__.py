"""What is done with a home as a whole: backtests and forecasts; each is one function over `Home`."""
