# A machine that was not used yet; its apt asks nothing, and writes to a file and not to a terminal.
fresh() {
  rm -rf "$root"/etc/apt/sources.list* "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"
  : >"$root/etc/apt/sources.list"
  mkdir "$root/etc/apt/sources.list.d"
  cat >"$root/etc/apt/apt.conf.d/99zz-demo" <<'END'
APT::Get::Assume-Yes "true";
APT::Install-Recommends "true";
APT::Sandbox::User "root";
Apt::Cmd::Disable-Script-Warning "true";
Dpkg::Use-Pty "0";
END
}
