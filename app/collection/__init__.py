"""Collection: once a day the letterbox is emptied and all of it written, shuffled, to its place."""
