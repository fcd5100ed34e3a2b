# With the original's programs and the independent peers, as data for tests.
#
# The original's and plymouth's packages are only unpacked, not configured: their installation scripts would make keys and
# Diffie-Hellman parameters (minutes), build an initramfs and start a server, and plymouth's wants systemd and udev.
without_documentation
install "$@"
mkdir "$root/tmp/unpacked"
inside sh -euc '
  cd /tmp/unpacked
  apt-get -qq -o APT::Sandbox::User=root download mandos mandos-client plymouth libplymouth5
  for package in *.deb; do
    dpkg-deb --fsys-tarfile $package | tar -C / -x --keep-directory-symlink
  done
'
rm -rf "$root/tmp/unpacked"
add_mandos_user
inside install -d -m 700 -o _mandos -g _mandos /var/lib/mandos
inside install -d -m 700 /etc/keys/mandos
# Each machine has one of its own; systemd leaves an empty file.
rm -f "$root/etc/machine-id"
finish
