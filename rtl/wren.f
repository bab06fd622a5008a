// The only list of RTL files: packages first, in order of use, then modules by directory.
// Paths are relative to the repository root; run tools from there with `-f rtl/wren.f`.
+incdir+rtl/common
