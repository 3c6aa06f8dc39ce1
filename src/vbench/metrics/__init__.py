"""Numbers from the match table.

`evaluate` makes the metric rows of a run, `definitions` says what each means, `analysis` and
`worst_slices` say why. Nothing is imported here: an evaluation of plain files needs few of these
modules, and starts faster without the rest.
"""
