#!/bin/sh
# Copies programs with every shared library they need, the loader included, into a folder that runs on any x86-64
# Linux, for campaigns and reports on other machines:
#   scripts/bundle.sh build/default/bin/halfulp_campaign_eigvalsh DIR     then   DIR/run ARGUMENTS
#   scripts/bundle.sh build/cuda/bin/halfulp build/cuda/bin/halfulp_*_worker DIR     then   DIR/run report
# DIR/run is the first program; DIR/bin has each by its name, and DIR/share what they read. Libraries of CUDA and cuDNN
# are not copied: they are found on the other machine as it finds them itself, or in LD_LIBRARY_PATH.
# MPFR, GMP and FLINT are under the LGPL: whoever passes the folder on passes their licences on, too.
set -eu

if [ $# -lt 2 ] || [ ! -x "$1" ]; then
  echo "bundle.sh: the arguments are programs and a folder to be made" >&2
  exit 2
fi
for folder; do :; done
first=$(basename "$1")
mkdir -p "$folder/lib" "$folder/bin" "$folder/programs"

# "name => path (address)", and the loader as "path (address)"
libraries_of() {
  ldd "$1" | sed -n -e 's/.* => \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' | grep -v '/lib\(cu\|nv\)'
}

# $1: a program. Its start in bin/ names its bytes, so that a report knows one program from another.
add() {
  name=$(basename "$1")
  cp -L "$1" "$folder/programs/$name"
  chmod -x "$folder/programs/$name"  # it is for the loader to run, not for the other machine's
  libraries_of "$1" | while read -r library; do cp -Lu "$library" "$folder/lib/"; done
  # What libraries that are loaded later ask of the C library must be of the same version.
  libc=$(dirname "$(ldd "$1" | sed -n 's/.* => \(\/[^ ]*\/libc\.so\.6\) .*/\1/p')")
  for part in libdl.so.2 libpthread.so.0 librt.so.1 libm.so.6; do cp -Lu "$libc/$part" "$folder/lib/"; done
  loader=$(ldd "$1" | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) (.*/\1/p')
  cat >"$folder/bin/$name" <<EOF
#!/bin/sh
# sha256 $(sha256sum <"$1" | cut -d ' ' -f 1)
here=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
exec "\$here/lib/$(basename "$loader")" --library-path "\$here/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}" \\
  --argv0 "\$here/bin/$name" "\$here/programs/$name" "\$@"
EOF
  chmod +x "$folder/bin/$name"
}

share=$(dirname "$(dirname "$1")")/share
[ ! -d "$share" ] || cp -RL "$share" "$folder/"
while [ $# -gt 1 ]; do
  add "$1"
  shift
done
ln -sf "bin/$first" "$folder/run"
