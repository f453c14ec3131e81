"""People whose voices are remembered."""
