# For a controller with ansible-core, and for the machines that it manages: with sshd, Python, an initramfs generator, and all
# that our packages depend on. cloud-init and debconf are here too, so that there is one chroot for all ways to install.
without_documentation
without_images "$@"
finish
# No network, and only the archive of the tests.
rm -rf "$root"/etc/apt/sources.list*
printf 'APT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n' >"$root/etc/apt/apt.conf.d/90tests"
