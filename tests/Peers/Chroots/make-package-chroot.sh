# To install packages in: with initramfs-tools, cryptsetup, a kernel that is only a name, and all that the original's
# packages depend on, marked as dependencies. The archive it knows holds these two packages alone.
#
# Each installation makes an image, and no test boots it: the hooks that only a boot needs are off, which halves the time.
install initramfs-tools cryptsetup-initramfs systemd
mkdir "$root/srv/original"
inside sh -euc '
  cd /srv/original
  apt-get -qq -o APT::Sandbox::User=root download mandos mandos-client
  packages=$(apt-get -qq --simulate --no-install-recommends install ./mandos_*.deb ./mandos-client_*.deb |
    sed -n "s/^Inst \([^ ]*\) .*/\1/p" | grep -v "^mandos")
  apt-get -qq --no-install-recommends -o APT::Sandbox::User=root install $packages >/dev/null
  apt-mark auto $packages >/dev/null
  cd /usr/share/initramfs-tools/hooks
  rm dmsetup fsck keymap kmod resume thermal udev zz-busybox
  kernel=6.1.0-test-amd64
  mkdir -p /lib/modules/$kernel/kernel /boot
  touch /lib/modules/$kernel/modules.order /lib/modules/$kernel/modules.builtin /lib/modules/$kernel/modules.builtin.modinfo
  depmod $kernel
  echo CONFIG_RD_GZIP=y >/boot/config-$kernel
  echo none >/boot/vmlinuz-$kernel
  update-initramfs -c -k $kernel >/dev/null
'
finish
only_archive /srv/original
