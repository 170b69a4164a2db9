"""A course directory and its class: hand out, collect, grade, store, grade again, hand grades on."""
