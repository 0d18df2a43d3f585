"""Pure values that every part of Kibble shares: no IO, standard library only."""
