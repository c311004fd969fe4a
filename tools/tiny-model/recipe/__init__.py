"""How is the shipped test model made, from a random seed to a GGUF file?"""
