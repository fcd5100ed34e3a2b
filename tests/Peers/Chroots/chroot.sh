#!/bin/sh
# Makes a Debian chroot from the base chroot of its release. The script that says which one follows these functions; it runs in
# namespaces of its own, with which its mounts and processes end.
# usage: SCRIPT BASE DIRECTORY [PACKAGE...]
set -eu
base=$1 root=$2
shift 2

# Runs a program in the chroot.
inside() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive INITRD=No \
    http_proxy="${http_proxy-}" https_proxy="${https_proxy-}" "$@"
}

apt() { inside apt-get -qq -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@" >/dev/null; }

install() { apt install "$@"; }

# Excludes the documentation of all packages as well. Tests of packages look at it.
without_documentation() { echo 'path-exclude=/usr/share/doc/*' >>"$root/etc/dpkg/dpkg.cfg.d/50tests"; }

# An image that the installation of a kernel makes takes a minute, and no test wants it: INITRD=No above, and this for
# initramfs-tools. The file ends up as Debian's.
without_images() {
  mkdir -p "$root/etc/initramfs-tools"
  echo update_initramfs=no >"$root/etc/initramfs-tools/update-initramfs.conf"
  install "$@"
  printf 'update_initramfs=yes\nbackup_initramfs=no\n' >"$root/etc/initramfs-tools/update-initramfs.conf"
  rm -f "$root"/boot/initrd.img-* "$root/etc/initramfs-tools/update-initramfs.conf.dpkg-dist"
}

# The user that Mandos runs as, which its packages make.
add_mandos_user() { inside useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos; }

# Removes what was for the installation only. Each machine has an ID of its own.
finish() {
  [ ! -e "$root/etc/machine-id" ] || echo uninitialized >"$root/etc/machine-id"
  rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
  umount "$root/proc" "$root/sys"
  rm -rf "$root"/run/* "$root"/tmp/*
}

# The archive that the finished chroot knows becomes a directory in it.
only_archive() {
  inside sh -euc 'cd "$1" && dpkg-scanpackages . >Packages 2>/dev/null' sh "$1"
  rm -rf "$root"/etc/apt/sources.list* "$root"/var/lib/apt/lists/*
  echo "deb [trusted=yes] file:$1 ./" >"$root/etc/apt/sources.list"
  printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n' >"$root/etc/apt/apt.conf.d/90tests"
  apt update
}

cp -a "$base" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
# No service starts.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cat /etc/resolv.conf >"$root/etc/resolv.conf"

