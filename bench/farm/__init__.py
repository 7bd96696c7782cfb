"""A farm of Matrix homeservers on loopback, and the programs measured on it."""
