"""Claims about float formats themselves: what everything else about them rests on."""
