#!/usr/bin/env bash
# Packs build/release/kikimimi, its unit, its settings and its documents into build/deb/kikimimi_VERSION_ARCH.deb.
# What it depends on is read from the program itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^project(kikimimi VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
architecture=$(dpkg --print-architecture)
tree=build/deb/tree
rm -rf build/deb
install -D -m 755 build/release/kikimimi "$tree/usr/bin/kikimimi"
strip "$tree/usr/bin/kikimimi"
install -D -m 644 packaging/kikimimi.service "$tree/lib/systemd/system/kikimimi.service"
install -D -m 640 packaging/kikimimi.toml "$tree/etc/kikimimi/kikimimi.toml"
install -d "$tree/usr/share/doc/kikimimi"
# As they lie in the tree, so that their links lead to each other.
install -m 644 README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md LICENSE \
  "$tree/usr/share/doc/kikimimi/"
install -m 644 LICENSE "$tree/usr/share/doc/kikimimi/copyright"
cp -r docs "$tree/usr/share/doc/kikimimi/"

# Which package each shared library it is linked with comes from.
libraries() { readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p'; }
depends=$(libraries "$tree/usr/bin/kikimimi" | while read -r library; do
  path=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
  dpkg-query -S "$(readlink -f "$path")" 2>/dev/null || dpkg-query -S "$path" || dpkg-query -S "/usr$path"
done | sed 's/:.*//' | sort -u | paste -sd, | sed 's/,/, /g')

install -d "$tree/DEBIAN"
install -m 755 packaging/postinst packaging/prerm "$tree/DEBIAN/"
echo /etc/kikimimi/kikimimi.toml >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<END
Package: kikimimi
Version: $version
Architecture: $architecture
Maintainer: Kikimimi contributors <kikimimi@example.com>
Depends: $depends, adduser, ca-certificates, tzdata
Section: net
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Description: desk for active support on social networks
 Hears what customers say about a brand, puts the one who needs an answer most
 on top of the screen, and brings the answer back to the network. One program
 with its web console inside; SQLite, or PostgreSQL.
END
dpkg-deb --root-owner-group --build "$tree" "build/deb/kikimimi_${version}_$architecture.deb"
