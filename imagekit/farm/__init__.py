"""Many images by many specs: which jobs there are, who runs them, and the journal of what became of each.

Codes of what can be wrong with a farm; each stands for one rule and never changes its meaning. Those up to 015 are
what the codes of the same number are for specs, since one reader reads both:

    IK-FARM-001  a farm is wrong: carries the diagnostics below
    IK-FARM-002  a farm cannot be read
    IK-FARM-003  too large, too deep, or too many jobs
    IK-FARM-004  not YAML
    IK-FARM-005  a key stands twice in one mapping
    IK-FARM-006  the document is no farm
    IK-FARM-012  there is no such key
    IK-FARM-013  a key is missing
    IK-FARM-014  a value is not what its key takes
    IK-FARM-015  a number with a leading 0 must be quoted
    IK-FARM-020  a variable of the matrix has a name that it cannot have
    IK-FARM-021  a value of the matrix stands twice
    IK-FARM-022  no spec has a variable of that name
    IK-FARM-023  an exclusion names what there is not, or nothing
    IK-FARM-024  a part of an exclusion fits nothing
    IK-FARM-025  everything is excluded
    IK-FARM-030  a pattern matches no file
    IK-FARM-031  a file does not exist, is a folder, or cannot be looked at
    IK-FARM-040  the pattern of outputs cannot be read
    IK-FARM-041  the pattern of outputs names what there is not
    IK-FARM-042  two jobs would have one output
    IK-FARM-043  an output would replace an image or a spec
    IK-FARM-044  an output would be an image of the next run
    IK-FARM-045  the name of an output is too long

Those from 050 are of errors that stand for themselves.
"""
