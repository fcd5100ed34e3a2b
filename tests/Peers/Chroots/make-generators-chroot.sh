# With a kernel and its image by initramfs-tools; the archive it knows holds dracut and initramfs-tools with all that they
# need here: to change from one to the other.
mkdir -p "$root/etc/initramfs-tools/conf.d"
printf 'COMPRESS=zstd\nCOMPRESSLEVEL=1\n' >"$root/etc/initramfs-tools/conf.d/quick"
install initramfs-tools cryptsetup-initramfs systemd systemd-sysv e2fsprogs zstd dpkg-dev
apt install linux-image-cloud-amd64
mkdir "$root/srv/archive"
inside sh -euc '
  cd /srv/archive
  needed=$(apt-get -qq --simulate --no-install-recommends install dracut | sed -n "s/^Inst \([^ ]*\) .*/\1/p")
  removed=$(apt-get -qq --simulate --no-install-recommends install dracut | sed -n "s/^Remv \([^ ]*\) .*/\1/p")
  ! apt-cache show systemd-cryptsetup >/dev/null 2>&1 || needed="$needed systemd-cryptsetup"
  apt-get -qq -o APT::Sandbox::User=root download $needed $removed initramfs-tools initramfs-tools-core cryptsetup-initramfs
'
inside update-initramfs -c -k "$(ls "$root/lib/modules")" >/dev/null
finish
only_archive /srv/archive
