"""`python -m backcourt` is the `backcourt` command."""

from backcourt.cli.main import main

main()
