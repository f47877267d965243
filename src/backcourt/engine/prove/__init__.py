"""Who may believe it: verification, checks of whole seasons, the as-of proof, differences."""
