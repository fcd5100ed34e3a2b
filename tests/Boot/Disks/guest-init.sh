#!/bin/busybox sh
# The whole system of a guest: tells what it finds after the initramfs has done its work, and turns the machine off.
# Each line of the report begins with "GUEST " and a word that says what it is about.
busybox=/bin/busybox
tell() { echo "GUEST $*"; }
[ -e /proc/self ] || $busybox mount -t proc proc /proc
[ -e /sys/class ] || $busybox mount -t sysfs sysfs /sys
read -r up _ </proc/uptime
exec </dev/null >/dev/console 2>&1
echo
tell root "$up"

for disk in /sys/block/dm-*/dm/name; do
  [ -e "$disk" ] && tell open "$($busybox cat "$disk")"
done
for process in /proc/[0-9]*; do
  id=${process#/proc/}
  [ "$id" = $$ ] || [ "$id" = 1 ] || {
    command=$($busybox tr '\0' ' ' <"$process/cmdline" 2>/dev/null)
    # Threads of the kernel have no command line.
    [ -z "$command" ] || tell process "$id $command"
  }
done
for link in /sys/class/net/*; do
  tell link "${link##*/} $($busybox cat "$link/flags") $($busybox cat "$link/operstate")"
done
$busybox ip -o addr show | while read -r line; do tell address "$line"; done
$busybox ip route show | while read -r line; do tell route "$line"; done
$busybox ip -6 route show 2>/dev/null | while read -r line; do tell route "$line"; done

# The password must not have stayed anywhere that the system takes over: files in memory, the log of the kernel, the
# journal (part of /run).
# (Not grep -r: it would wait at named pipes.)
$busybox find /run /dev/shm /tmp -type f -exec $busybox grep -lF -f /etc/password {} + 2>/dev/null | while read -r line; do tell leak "$line"; done
if $busybox dmesg | $busybox grep -qF -f /etc/password; then tell leak dmesg; fi
# What the kernel keeps for programs outlives them.
$busybox grep -F mandos /proc/keys | while read -r line; do tell left "key $line"; done
$busybox find /run -name '*mandos*' | while read -r line; do tell left "$line"; done
tell end
$busybox poweroff -f
