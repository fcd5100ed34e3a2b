# To run our server in as a service of systemd: with the bus, avahi-daemon, what the package depends on and what checkers
# need, and an SSH server to be checked.
without_documentation
install systemd systemd-sysv udev dbus avahi-daemon libsqlite3-0 libsystemd0 fping openssh-client openssh-server e2fsprogs
finish
