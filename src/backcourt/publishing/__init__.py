"""Published files: endpoints with schemas, generations that replace each other whole, a guard before them, live states."""
