"""What forecasts are made of and judged by: markets, distributions, scores, odds. Pure arrays; no input, no output, no clock."""
