#!/bin/sh
# Copies a program with every shared library it needs, the loader included, into a folder that runs on any x86-64
# Linux, for campaigns on other machines:
#   scripts/bundle.sh build/default/bin/halfulp_campaign_eigvalsh DIR     then   DIR/run ARGUMENTS
# MPFR, GMP and FLINT are under the LGPL: whoever passes the folder on passes their licences on, too.
set -eu

if [ $# -ne 2 ] || [ ! -x "$1" ]; then
  echo "bundle.sh: the arguments are a program and a folder to be made" >&2
  exit 2
fi
program=$1
folder=$2

mkdir -p "$folder/lib"
cp -L "$program" "$folder/program"
# "name => path (address)", and the loader as "path (address)"
ldd "$program" | sed -n -e 's/.* => \(\/[^ ]*\) .*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p' |
  while read -r library; do cp -L "$library" "$folder/lib/"; done
loader=$(ldd "$program" | sed -n 's/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) (.*/\1/p')

cat >"$folder/run" <<EOF
#!/bin/sh
here=\$(dirname "\$(readlink -f "\$0")")
exec "\$here/lib/$(basename "$loader")" --library-path "\$here/lib" "\$here/program" "\$@"
EOF
chmod +x "$folder/run"
