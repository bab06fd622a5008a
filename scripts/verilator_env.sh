# Sourced by the scripts that run Verilator: reads $verilator, sets
#   verilator_version   5.006, 5.48, ...
#   verilator_include   directory of verilated.h
#   verilator_flags     optimisation flags that version needs (array)
verilator_root=$("$verilator" --getenv VERILATOR_ROOT 2>/dev/null || true)
if [ ! -e "$verilator_root/include/verilated_config.h" ]; then
  echo "error: '$verilator' is not a working Verilator; run scripts/setup.sh, or set WREN_VERILATOR to its path" >&2
  exit 1
fi
verilator_include=$verilator_root/include
verilator_version=$(sed -n 's/^#define VERILATOR_VERSION "\([0-9.]*\).*/\1/p' "$verilator_include/verilated_config.h")
# --unroll-count 4: stage functions vectorise as loops. The -fno flags turn off one pass per version
# that rewrites the wide datapaths into something the C++ compiler cannot vectorise.
verilator_flags=(-O3 --x-assign fast --x-initial fast --unroll-count 4 --threads 1)
case $verilator_version in
  5.00*|5.01*) verilator_flags+=(-fno-const-bit-op-tree) ;;
  *) verilator_flags+=(-fno-dfg-peephole) ;;
esac
