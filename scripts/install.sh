#!/usr/bin/env bash
# Installs the output of `make build`.
# usage: install.sh DESTDIR PREFIX [PART...]     PART: client, server, web (all without)
# Configuration files that exist are kept; files that belong to a Debian package are never overwritten.
set -euo pipefail
cd "$(dirname "$0")/.."
destdir=$1
prefix=${2%/}
shift 2
parts=" ${*:-client server web} "
fail() {
  echo "install.sh: error: $1" >&2
  [ $# -lt 2 ] || echo "hint: $2" >&2
  exit 1
}
case "$parts" in *' client '* | *' server '* | *' web '*) ;; *) fail "no such part:$parts" 'the parts are client, server and web' ;; esac
case "$prefix" in '' | /*) ;; *) fail "PREFIX=$prefix does not begin with /" 'the default is /usr' ;; esac
for program in mandos-client mandos-keygen mandos mandos-ctl mandos-monitor mandos-web mandos-notify; do
  [ -x "artifacts/bin/$program" ] || fail "artifacts/bin/$program does not exist" "run 'make build' first"
done

# Like Debian's packages: PREFIX/lib/<multiarch>/mandos on Debian's own prefix, PREFIX/lib/mandos elsewhere.
libdir=$prefix/lib/mandos
if [ "$prefix" = /usr ] && command -v dpkg >/dev/null; then
  libdir=/usr/lib/$(uname -m)-linux-gnu/mandos
fi
etc=/etc
mandir=$prefix/share/man
# Both tools look nowhere else, whatever the prefix.
initramfs_tools=/usr/share/initramfs-tools
dracut=/usr/lib/dracut/modules.d/90mandos
# They look for the programs in the usual places, and in this one if it is not among them.
case "$prefix" in
  /usr | /usr/local) also='' ;;
  *) also="s:\"\${mandos_root-}\"/usr/local/lib;:\"\${mandos_root-}\"/usr/local/lib \"\${mandos_root-}\"$prefix/lib;:" ;;
esac

free() { # TARGET: fails if a Debian package owns it
  local owner
  if [ -z "$destdir" ] && owner=$(dpkg-query -S "$1" 2>/dev/null); then
    fail "$1 belongs to the package ${owner%%:*}" "use PREFIX=/usr/local, or remove that package first"
  fi
}
part() { # NAME: true if that part is to be installed
  [[ $parts == *" $1 "* ]]
}
put() { # MODE SOURCE TARGET
  free "$3"
  install -D -m "$1" "$2" "$destdir$3"
  echo "$destdir$3"
}
put_edited() { # MODE SOURCE TARGET SED-SCRIPT
  free "$3"
  install -D -m "$1" "$2" "$destdir$3"
  sed -i "$4" "$destdir$3"
  echo "$destdir$3"
}
link() { # WHERE-IT-POINTS TARGET
  free "$2"
  mkdir -p "$destdir${2%/*}"
  ln -sfn "$1" "$destdir$2"
  echo "$destdir$2 -> $1"
}
folder() { # MODE TARGET: one that exists keeps its mode
  [ -d "$destdir$2" ] || install -d -m "$1" "$destdir$2"
}
conf() { # MODE SOURCE TARGET: one that exists is kept
  if [ -e "$destdir$3" ]; then
    echo "$destdir$3 (kept)"
  else
    install -D -m "$1" "$2" "$destdir$3"
    echo "$destdir$3"
  fi
}
page() { # NAME.SECTION: a man page
  local section=${1##*.}
  put 644 "docs/man/$1" "$mandir/man${section%%[a-z]*}/$1"
}
completion() { # PROGRAM: for bash
  put 644 "packaging/completions/bash/$1" "$prefix/share/bash-completion/completions/$1"
}
completions() { # PROGRAM: for each shell
  completion "$1"
  put 644 "packaging/completions/zsh/_$1" "$prefix/share/zsh/vendor-completions/_$1"
  put 644 "packaging/completions/fish/$1.fish" "$prefix/share/fish/vendor_completions.d/$1.fish"
}

if part client; then
  # client: the one boot executable, and its names
  put 755 artifacts/bin/mandos-client "$libdir/plugins.d/mandos-client"
  link mandos-client "$libdir/plugins.d/password-prompt"
  link mandos-client "$libdir/plugins.d/plymouth"
  link mandos-client "$libdir/plugins.d/askpass-fifo"
  link plugins.d/mandos-client "$libdir/plugin-runner"
  link plugins.d/mandos-client "$libdir/password-agent"
  link plugins.d/mandos-client "$libdir/mandos-to-cryptroot-unlock"
  folder 755 "$libdir/plugin-helpers"

  # client: to run it by hand, above all as "mandos-client --test"
  link "../${libdir#"$prefix/"}/plugins.d/mandos-client" "$prefix/sbin/mandos-client"

  # client: the key tool
  put 755 artifacts/bin/mandos-keygen "$prefix/sbin/mandos-keygen"

  # client: what is installed around the plugins
  doc=$prefix/share/doc/mandos-client-dotnet
  conf 644 plugins/plugin-runner.conf "$etc/mandos/plugin-runner.conf"
  for hook in bridge openvpn wireless; do
    put 755 "plugins/network-hooks.d/$hook" "$doc/examples/network-hooks.d/$hook"
    put 644 "plugins/network-hooks.d/$hook.conf" "$doc/examples/network-hooks.d/$hook.conf"
  done
  while read -r example; do
    put 644 "packaging/$example" "$doc/examples/$example"
  done < <(cd packaging && find ansible cloud-init preseed -type f | LC_ALL=C sort)

  # client: initramfs-tools, in $initramfs_tools
  put 644 initramfs-hooks/initramfs-tools/conf.d/mandos-conf "$initramfs_tools/conf.d/mandos-conf"
  put 644 initramfs-hooks/initramfs-tools/conf-hooks.d/zz-mandos "$initramfs_tools/conf-hooks.d/zz-mandos"
  put 755 initramfs-hooks/initramfs-tools/hooks/mandos "$initramfs_tools/hooks/mandos"
  put_edited 644 initramfs-hooks/common.sh "$initramfs_tools/mandos-common.sh" "$also"
  for stage in init-premount local-premount init-bottom; do
    put 755 "initramfs-hooks/initramfs-tools/scripts/$stage/mandos" "$initramfs_tools/scripts/$stage/mandos"
  done

  # client: dracut, in $dracut
  for script in module-setup machine mandos-cmdline ask-for-password; do
    put 755 "initramfs-hooks/dracut/90mandos/$script.sh" "$dracut/$script.sh"
  done
  put_edited 644 initramfs-hooks/common.sh "$dracut/common.sh" "$also"
  for unit in ask-password-mandos.path ask-password-mandos.service; do
    put 644 "initramfs-hooks/dracut/90mandos/$unit" "$dracut/$unit"
  done
  put 644 initramfs-hooks/dracut/zzz-mandos.conf /usr/lib/dracut/dracut.conf.d/zzz-mandos.conf

  # client: its user, configuration, keys
  put 644 packaging/debian/mandos-client-dotnet/sysusers.conf "$prefix/lib/sysusers.d/mandos-client.conf"
  folder 700 "$etc/mandos/plugins.d"
  folder 700 "$etc/mandos/plugin-helpers"
  folder 755 "$etc/mandos/network-hooks.d"
  folder 700 "$etc/keys/mandos"

  # client: documentation and completion
  for page in mandos-client.8mandos mandos-keygen.8 plugin-runner.8mandos plugin-runner.conf.5mandos password-prompt.8mandos \
    plymouth.8mandos askpass-fifo.8mandos password-agent.8mandos mandos-initramfs.7 mandos-dracut.7; do
    page "$page"
  done
  # None for plymouth: its name would be that of Plymouth's own program. The last four run at boot only.
  completions mandos-client
  completions mandos-keygen
  for program in plugin-runner password-prompt askpass-fifo password-agent; do
    completion "$program"
  done
fi

if part server; then
  # server: the daemon, and the operator's tools
  put 755 artifacts/bin/mandos "$prefix/sbin/mandos"
  put 755 artifacts/bin/mandos-ctl "$prefix/sbin/mandos-ctl"
  put 755 artifacts/bin/mandos-monitor "$prefix/sbin/mandos-monitor"

  # server: its user, state, service
  put 644 packaging/debian/mandos-dotnet/sysusers.conf "$prefix/lib/sysusers.d/mandos.conf"
  put 644 packaging/debian/mandos-dotnet/tmpfiles.conf "$prefix/lib/tmpfiles.d/mandos.conf"
  put_edited 644 packaging/debian/mandos-dotnet/mandos.service "$prefix/lib/systemd/system/mandos.service" "s:/usr/sbin/:$prefix/sbin/:g"

  # server: the policy of the system bus; dbus-daemon looks here, whatever the prefix
  put 644 packaging/debian/mandos-dotnet/dbus-policy.conf /usr/share/dbus-1/system.d/mandos.conf

  # server: configuration; secrets are kept in clients.conf
  conf 600 packaging/etc/mandos/clients.conf "$etc/mandos/clients.conf"
  conf 644 packaging/etc/mandos/mandos.conf "$etc/mandos/mandos.conf"

  # server: documentation and completion
  page mandos.8
  page mandos.conf.5
  page mandos-clients.conf.5
  page mandos-ctl.8
  page mandos-monitor.8
  page intro.8mandos
  completions mandos
  completions mandos-ctl
  completions mandos-monitor
fi

if part web; then
  # web: pages for browsers, and metrics
  put 755 artifacts/bin/mandos-web "$prefix/sbin/mandos-web"

  # web: notifications
  put 755 artifacts/bin/mandos-notify "$prefix/sbin/mandos-notify"

  # web: their users, sockets, services
  put 644 packaging/debian/mandos-web-dotnet/sysusers.conf "$prefix/lib/sysusers.d/mandos-web.conf"
  put 644 packaging/debian/mandos-web-dotnet/sysusers-notify.conf "$prefix/lib/sysusers.d/mandos-notify.conf"
  put_edited 644 packaging/debian/mandos-web-dotnet/mandos-web.service "$prefix/lib/systemd/system/mandos-web.service" "s:/usr/sbin/:$prefix/sbin/:g"
  put 644 packaging/debian/mandos-web-dotnet/mandos-web.socket "$prefix/lib/systemd/system/mandos-web.socket"
  put 644 packaging/debian/mandos-web-dotnet/mandos-web-metrics.socket "$prefix/lib/systemd/system/mandos-web-metrics.socket"

  put_edited 644 packaging/debian/mandos-web-dotnet/mandos-notify.service "$prefix/lib/systemd/system/mandos-notify.service" "s:/usr/sbin/:$prefix/sbin/:g"

  # web: what the system bus permits them
  put 644 packaging/debian/mandos-web-dotnet/dbus-policy.conf /usr/share/dbus-1/system.d/mandos-web.conf
  put 644 packaging/debian/mandos-web-dotnet/mandos-notify-policy.conf /usr/share/dbus-1/system.d/mandos-notify.conf

  # web: configuration, and examples
  conf 644 packaging/etc/mandos/mandos-web.conf "$etc/mandos/mandos-web.conf"
  conf 600 packaging/etc/mandos/mandos-notify.conf "$etc/mandos/mandos-notify.conf"
  put 644 packaging/debian/mandos-web-dotnet/sendmail.conf "$prefix/share/mandos-web-dotnet/sendmail.conf"
  put 644 packaging/prometheus/mandos.rules.yml "$prefix/share/doc/mandos-web-dotnet/examples/prometheus/mandos.rules.yml"
  put 644 packaging/grafana/mandos.json "$prefix/share/doc/mandos-web-dotnet/examples/grafana/mandos.json"

  # web: documentation and completion
  page mandos-web.8
  page mandos-web.conf.5
  page mandos-notify.8
  page mandos-notify.conf.5
  completions mandos-web
  completions mandos-notify
fi
