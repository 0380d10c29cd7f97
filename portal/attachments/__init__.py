"""Files that people upload: taken only if they are what they should be, kept in PostgreSQL, given out as downloads.

A model whose rows hold a file each is a `HoldsFile` (`models`), and its migration says `goes_with_its_row` (`holding`).
Its app attaches and removes by the verbs in `attaching`, shows a form with `fields.AttachmentField`, asks its own rule
for each download, and answers it by `serving`. Everything else is the same for all: what a file may be (`kinds`), that
it is looked into, made anew or refused (`receiving`), and that a virus scanner has seen it (`clamd`).
"""
