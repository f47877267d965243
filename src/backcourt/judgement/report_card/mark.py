"""What a text says at its head when it comes from a simulated home."""

MARK = "Simulated: a made-up league or a replayed evening; none of this is a record of real forecasts."
