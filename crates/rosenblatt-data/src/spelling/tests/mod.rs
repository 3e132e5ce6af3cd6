//! Rules against tables of spellings, an independent oracle and random texts.
