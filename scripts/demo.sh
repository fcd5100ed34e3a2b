#!/usr/bin/env bash
# Demonstrates the whole way: two fresh Debian machines, our packages on them, enrolment, a reboot without any typing, and an
# operator who watches, disables and enables the machine. Installs and builds what is missing; tests/Boot shows the rest, in
# chroots and namespaces. Nothing is started on this machine or its network, and only the cache is left.
# usage: demo.sh                  shows it
#        demo.sh --tour FOLDER    also writes tour.md, with its output and pictures, into FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")" "$@"
  fi
}
fail() { printf 'demo: error: %s\n' "$1" >&2; [ ! -s "${log:-}" ] || tail -n 15 "$log" >&2; exit 1; }

# Checked before anything is installed or built: what a container or a plain chroot lacks.
refuse() { printf 'demo: error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
look() {
  unshare --mount --propagation private true 2>/dev/null ||
    refuse 'mount namespaces cannot be created in this root directory' 'in a chroot its root must be a mount point (mount --bind DIR DIR, then chroot DIR); in a container, CAP_SYS_ADMIN is needed'
  unshare --net true 2>/dev/null ||
    refuse 'network namespaces cannot be created here' 'run this on a physical or virtual machine; in a container, CAP_SYS_ADMIN is needed'
  [ -c /dev/net/tun ] || modprobe tun 2>/dev/null || true
  { [ -c /dev/net/tun ] && (: <>/dev/net/tun); } 2>/dev/null ||
    refuse '/dev/net/tun cannot be opened, which the network of the emulated machine needs' "run 'modprobe tun'; in a container, start it with --device=/dev/net/tun"
}

# The emulator of the machine.
build_boot() {
  local made=artifacts/.Mandos.Boot.made now
  now=$(scripts/fingerprint.sh tests/Boot tests/Peers tests/*.props Directory.*.props global.json nuget.config .editorconfig)
  if [ ! -x $boot ] || [ "$(cat $made 2>/dev/null)" != "$now $(cat $boot.dll tests/Boot/bin/Debug/net10.0/Mandos.Peers.dll | sha256sum)" ]; then
    echo '  building the emulator of the machine'
    log=$(mktemp)
    rm -f $made
    dotnet build tests/Boot -v quiet -nologo >"$log" || fail 'tests/Boot does not build'
    rm "$log"
    log=
    echo "$now $(cat $boot.dll tests/Boot/bin/Debug/net10.0/Mandos.Peers.dll | sha256sum)" >$made
  fi
}

# What `make deb` does, unless nothing has changed.
build_packages() {
  local made=artifacts/deb/.made now
  scripts/sbom.sh
  now=$(scripts/fingerprint.sh artifacts/bin artifacts/sbom packaging docs initramfs-hooks plugins scripts ./*.md)
  if [ "$(cat $made 2>/dev/null)" != "$now $(cat artifacts/deb/*.deb | sha256sum)" ]; then
    echo '  building the packages'
    rm -f $made
    scripts/deb.sh
    echo "$now $(cat artifacts/deb/*.deb | sha256sum)" >$made
  fi
}

boot=tests/Boot/bin/Debug/net10.0/Mandos.Boot
tour=
case "${1:-} $#" in
  '--look 1') look; exit 0 ;;
  '--tour 2') tour=$2 ;;
  ' 0') ;;
  *) refuse "unknown arguments: $*" 'usage: demo.sh [--tour FOLDER]' ;;
esac
as_root scripts/demo.sh --look
scripts/need.sh 'the demonstration' iproute2 util-linux mmdebstrap qemu-system-x86
# As the calling user, who could neither rebuild nor remove what root builds.
echo 'Building the programs (only those whose sources have changed; all of them take about 5 minutes on two cores and 1 GB of disk)'
scripts/build.sh
build_packages
build_boot
echo
if [ -z "$tour" ]; then
  as_root $boot --demo
  exit
fi
work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT
as_root $boot --demo "$work"
mkdir -p "$tour/pictures"
# With the owner and the mode of what the calling user writes.
cat "$work/tour.md" >"$tour/tour.md"
for picture in "$work"/pictures/*.svg; do
  cat "$picture" >"$tour/pictures/${picture##*/}"
done
echo "  $tour/tour.md"
