# Makes an initramfs with the distribution's own tools, on a machine with a guest system. Shows what they say.
# usage: make-initramfs.sh GENERATOR KERNEL-VERSION
set -eu
generator=$1 version=$2
case $generator in
  InitramfsTools)
    update-initramfs -c -k "$version" 2>&1
    ;;
  Dracut*)
    if [ "$generator" = DracutShell ]; then
      echo 'omit_dracutmodules+=" systemd dracut-systemd systemd-initrd systemd-cryptsetup "' >>/etc/dracut.conf.d/guest.conf
    fi
    dracut --force "/boot/initrd.img-$version" "$version" 2>&1
    ;;
esac
