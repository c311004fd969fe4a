"""One file per kind of training document; mixture.py draws from all of them."""
