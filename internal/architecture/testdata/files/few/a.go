package few
