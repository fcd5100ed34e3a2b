# Makes the disk of a guest that systemd runs and our server's packages are installed on, on a machine that packages can be
# installed on. No encryption: it is the server.
# usage: make-server.sh PACKAGE...      makes /tmp/disk
set -eu
dpkg --install "$@" >&2

# What this boot adds to Debian: a network, the clients (of the second disk), and reports.
printf '%s\n' 0123456789abcdef0123456789abcdef >/etc/machine-id
echo server >/etc/hostname
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts
cat >/etc/systemd/system/prepare.service <<'EOF'
[Unit]
Before=mandos.service network.target ssh.service avahi-daemon.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/prepare
[Install]
WantedBy=multi-user.target
EOF
cat >/usr/local/sbin/prepare <<'EOF'
#!/bin/sh
# HOST_KEY in clients.conf stands for the key of this machine's SSH server.
set -eu
key=$(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)
tr -d '\0' </dev/vdb | sed "s|HOST_KEY|$key|" >/etc/mandos/clients.conf
# Both belong to the user that checkers run as.
install -o _mandos -m 600 /etc/mandos/clients.conf /etc/mandos/clients.conf~
install -o _mandos -m 600 /etc/hosts /etc/mandos/note
ip link set lo up
ip link set eth0 up
ip address add 10.1.0.9/24 dev eth0
EOF
cat >/etc/mandos/mandos-web.conf <<'EOF'
[web]
hosts = mandos.example
identity_header = X-Remote-User
viewers = *
EOF
cat >/etc/mandos/mandos-notify.conf <<'EOF'
[command log]
command = logger --tag notified "$MANDOS_EVENT $MANDOS_CLIENT by $(id -un)"
events = delivered
EOF
# The server of the clients "ssh" and "stranger" listens before their first check.
mkdir /etc/systemd/system/mandos.service.d
printf '[Unit]\nAfter=ssh.service\n' >/etc/systemd/system/mandos.service.d/ssh.conf
cat >/etc/systemd/system/report.service <<'EOF'
[Unit]
After=mandos.service ssh.service
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/report
StandardOutput=file:/dev/ttyS0
[Install]
WantedBy=multi-user.target
EOF
cat >/usr/local/sbin/report <<'EOF'
#!/bin/sh
tell() { echo "GUEST $*"; }
# CLIENT PROPERTY
property() { busctl get-property se.recompile.Mandos "/clients/$1" se.recompile.Mandos.Client "$2" 2>/dev/null | cut -d ' ' -f 2; }
# CLIENT...: what its first check came to
checks() {
  for client; do
    for i in $(seq 300); do
      status=$(property "$client" LastCheckerStatus)
      [ "${status:--2}" = -2 ] || break
      sleep 0.2
    done
    tell checked "$client" "$status"
  done
}
echo
read -r up _ </proc/uptime
tell root "$up"
tell init "$(cat /proc/1/comm)"
tell active "$(systemctl is-active mandos.service)"
tell enabled "$(systemctl is-enabled mandos.service)"
process=$(systemctl show --property=MainPID --value mandos.service)
tell user "$(ps -o user= -p "$process")"
tell rights "$(sed -n 's/^CapEff:\t//p' "/proc/$process/status")"
tell privileges "$(sed -n 's/^NoNewPrivs:\t//p; s/^Seccomp:\t//p' "/proc/$process/status" | tr '\n' ' ')"
tell kernel "$(uname -r | cut -d . -f 1,2)"
checks fping ssh stranger thief signaller
tell journal "$(journalctl --quiet --output=cat --output-fields=MANDOS_CLIENT MANDOS_EVENT=CheckFailed | sort -u | tr '\n' ' ')"
systemctl reload mandos.service && tell reloaded "$(systemctl is-active mandos.service)"
tell responder "$(ss -Hlunp 'sport = :5353' | grep -o '"[^"]*"' | sort -u | tr -d '\n')"
# Its sockets start it. Perl is essential, curl is not.
tell web "$(perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:9653"); print $s "GET /metrics HTTP/1.0\r\n\r\n"; print grep /^mandos_up/, <$s>')"
tell web "$(perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new("/run/mandos-web/pages.sock"); print $s "GET / HTTP/1.0\r\nHost: mandos.example\r\nX-Remote-User: vera\r\n\r\n"; print grep /role="status"/, <$s>')"
tell web "$(stat -c '%a %U %G' /run/mandos-web/pages.sock)"
tell web "$(systemctl is-active mandos-web.service) $(ps -o user:20= -p "$(systemctl show --property=MainPID --value mandos-web.service)")"
tell web "$(systemd-analyze security --no-pager mandos-web.service | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')"
journalctl --quiet --no-pager --output=cat --unit=mandos-web.service | while read -r line; do tell web-log "$line"; done
tell notify "$(systemctl is-active mandos-notify.service) $(systemd-analyze security --no-pager mandos-notify.service | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')"
rights_of_notify() { sed -n 's/^NoNewPrivs:\t//p' "/proc/$(systemctl show --property=MainPID --value mandos-notify.service)/status"; }
tell notify "$(rights_of_notify)"
# A sendmail that is a set-user-ID program.
mkdir /run/systemd/system/mandos-notify.service.d
cp /usr/share/mandos-web-dotnet/sendmail.conf /run/systemd/system/mandos-notify.service.d
systemctl daemon-reload
systemctl restart mandos-notify.service
tell notify "$(systemctl is-active mandos-notify.service) $(rights_of_notify)"
rm -r /run/systemd/system/mandos-notify.service.d
systemctl daemon-reload
systemctl restart mandos-notify.service
tell notify "$(systemctl show --property=StatusText --value mandos-notify.service)"
journalctl --quiet --no-pager --output=cat --unit=mandos-notify.service | while read -r line; do tell notify-log "$line"; done
systemctl --no-pager status mandos.service | while read -r line; do tell status "$line"; done
journalctl --quiet --no-pager --output=cat --unit=mandos.service | while read -r line; do tell log "$line"; done
tell end
# Its decisions while requests arrive.
for i in $(seq 600); do
  said=$(journalctl --quiet --output=verbose MANDOS_EVENT=Delivered MANDOS_CLIENT=guest | sed -n 's/^ *\(MANDOS_[A-Z_]*=.*\|PRIORITY=.*\|_SYSTEMD_UNIT=.*\)/\1/p' | sort -u | tr '\n' ' ')
  [ -z "$said" ] || break
  sleep 0.2
done
tell decision "$said"
for i in $(seq 300); do
  said=$(journalctl --quiet --output=cat --identifier=notified)
  [ -z "$said" ] || break
  sleep 0.2
done
tell notified "$said"
tell told
EOF
chmod 755 /usr/local/sbin/report /usr/local/sbin/prepare
systemctl --quiet enable prepare.service report.service mandos-web.socket mandos-web-metrics.socket mandos-notify.service
# Without what lies in memory here: a bind mount takes no other mounts along.
mount --bind / /mnt
truncate -s 640M /tmp/disk
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0,lazy_itable_init=0,nodiscard -m 0 -L server -d /mnt /tmp/disk
umount /mnt
