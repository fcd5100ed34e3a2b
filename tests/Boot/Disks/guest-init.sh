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

# A file as lines of the report.
show() {
  while IFS= read -r line; do tell "$2" "$line"; done <"$1"
}

# NETWORK DISK: as on a machine that runs, with the Debian system of that disk, mandos-keygen looks at this machine.
examine() {
  $busybox mkdir /run/system
  $busybox mount -t ext4 "$2" /run/system
  for directory in boot etc usr var; do $busybox mount -o bind "/run/system/$directory" "/$directory"; done
  $busybox mount -t tmpfs tmpfs /tmp
  $busybox ip link set lo up
  for link in /sys/class/net/*; do [ ! -e "$link/device" ] || $busybox ip link set "${link##*/}" up; done
  # An address is tentative (another flag) until the kernel knows that no other machine has it.
  for i in $($busybox seq 100); do
    ! $busybox grep -q '^fe80.* 80 *[^ ]*$' /proc/net/if_inet6 || break
    $busybox sleep 0.1
  done
  export PATH=/usr/sbin:/usr/bin
  option=
  [ "$1" = network ] || option=--no-network
  mandos-keygen doctor --json $option >/tmp/json 2>/tmp/error
  tell doctor-exit $?
  mandos-keygen doctor --no-network >/tmp/table 2>>/tmp/error
  show /tmp/json doctor-json
  show /tmp/table doctor-table
  show /tmp/error doctor-error
}
read -r words </proc/cmdline
for word in $words; do
  case $word in
    guest.doctor=*)
      word=${word#*=}
      examine "${word%:*}" "${word#*:}"
      ;;
  esac
done
tell end
$busybox poweroff -f
