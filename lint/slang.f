// Options and waivers of slang.

// Hides the assertions, which Verilator lints.
-DSYNTHESIS

// House style gives every unique case a default: an illegal state returns to the first one.
-Wno-case-redundant-default

// A cast to the width that one set of parameters happens to have already is needed for another.
-Wno-useless-cast
