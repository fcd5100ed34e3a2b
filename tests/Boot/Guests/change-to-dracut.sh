# Installs our package on a machine with initramfs-tools, and then dracut, as an administrator does. Shows what apt says. The
# image is what the installation of dracut leaves.
# usage: change-to-dracut.sh GENERATOR KERNEL-VERSION
set -eu
export DEBIAN_FRONTEND=noninteractive
image=/boot/initrd.img-$2
apt-get install /srv/mandos-client-dotnet_*.deb 2>&1
before=$(sha256sum <"$image")
# apt here installs nothing that is only recommended: in Debian 13 what opens disks for systemd is its own package.
more=
! apt-cache show systemd-cryptsetup >/dev/null 2>&1 || more=systemd-cryptsetup
apt-get install dracut $more 2>&1
[ "$before" != "$(sha256sum <"$image")" ]
