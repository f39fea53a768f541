"""What is said of pooling, restated so that it can be settled.

Each saying has a claim that says what is true. Where the saying itself is false it stands among the
claim's false neighbours, under a name that begins with :data:`AS_SAID`, so that the checker has to
refute it.
"""

#: How the name of a false neighbour begins that is the saying itself.
AS_SAID = "as it is said: "
