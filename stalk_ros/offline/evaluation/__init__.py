"""How right and how fast the stages are on recordings whose truth is known."""
