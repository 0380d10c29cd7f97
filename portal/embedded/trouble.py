"""What stops a start, said so that whoever started it knows what to do."""


class Trouble(Exception):
    """The portal cannot start or go on. The message is one or two plain sentences for the person at the terminal."""
