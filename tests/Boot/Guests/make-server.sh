# Makes the disk of a guest that systemd runs and our server's package is installed on, on a machine that packages can be
# installed on. No encryption: it is the server.
# usage: make-server.sh PACKAGE      makes /tmp/disk
set -eu
dpkg --install "$1" >&2

# What this boot adds to Debian: a network, the clients (of the second disk), and a report.
printf '%s\n' 0123456789abcdef0123456789abcdef >/etc/machine-id
cat >/etc/systemd/system/prepare.service <<'EOF'
[Unit]
Before=mandos.service network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -euc 'tr -d "\\0" </dev/vdb >/etc/mandos/clients.conf; ip link set eth0 up; ip address add 10.1.0.9/24 dev eth0'
[Install]
WantedBy=multi-user.target
EOF
cat >/etc/systemd/system/report.service <<'EOF'
[Unit]
After=mandos.service
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
echo
read -r up _ </proc/uptime
tell root "$up"
tell init "$(cat /proc/1/comm)"
tell active "$(systemctl is-active mandos.service)"
tell enabled "$(systemctl is-enabled mandos.service)"
process=$(systemctl show --property=MainPID --value mandos.service)
tell user "$(ps -o user= -p "$process")"
tell rights "$(sed -n 's/^CapEff:\t//p' "/proc/$process/status")"
systemctl --no-pager status mandos.service | while read -r line; do tell status "$line"; done
tell end
EOF
chmod 755 /usr/local/sbin/report
systemctl --quiet enable prepare.service report.service
# Without what lies in memory here: a bind mount takes no other mounts along.
mount --bind / /mnt
truncate -s 480M /tmp/disk
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0,lazy_itable_init=0,nodiscard -m 0 -L server -d /mnt /tmp/disk
umount /mnt
