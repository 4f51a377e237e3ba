package unmatched
