"""What is true: the calendar, what should exist, what is stored and received, and the state that follows."""
