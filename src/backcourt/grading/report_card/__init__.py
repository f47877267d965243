"""The report card: one builder gives a plain dict, which is stored as JSON and rendered as Markdown and HTML."""
