"""Raw feeds: recognise a file, parse it strictly, keep it as versioned groups of raw rows."""
