# A machine as Debian's installer leaves it: OpenSSH and the system bus. What our package depends on is not installed; it is in a
# folder that stands for Debian's archive. tmux is the terminal for mandos-monitor, busybox is the system log.
without_documentation
install openssh-server openssh-client dbus tmux busybox-static
mkdir "$root/srv/archive"
inside sh -euc '
  cd /srv/archive
  apt-get -qq -o APT::Sandbox::User=root download "$@"
  for file in *.deb; do
    dpkg-deb --field "$file"
    printf "Filename: ./%s\nSize: %s\nSHA256: %s\n\n" "$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d " " -f 1)"
  done >Packages
' sh "$@"
finish
fresh
echo "deb [trusted=yes] file:/srv/archive ./" >"$root/etc/apt/sources.list"
# There is no init here: services are started by their scripts.
printf '#!/bin/sh\nexit 0\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
apt update
