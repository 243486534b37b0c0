"""Economy: a synthetic region with a declared mechanism; never evidence about the world."""
