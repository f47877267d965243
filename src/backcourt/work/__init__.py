"""What is done with a home as a whole, one function a verb, and what is told of it; each works on a `Home`."""
