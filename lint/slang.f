// Options and waivers of slang. SYNTHESIS hides the assertions, which Verilator lints.
-DSYNTHESIS
