"""Golden sets: clips whose truth is known.

`load` reads a set, `lock` and `digest` pin what it consists of, `validate` lists what is wrong with
it, `formats` reads truth files, `plain` reads other tools' files without a set, `synth` renders
one. Nothing is imported here: a plain file needs neither pydantic nor yaml.
"""
