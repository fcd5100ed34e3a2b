#!/usr/bin/env bash
# Demonstrates the main function: enrols a machine, starts our server, fetches the password over the network and
# opens a real LUKS2 header with it; then a virtual machine with an encrypted root boots unattended. The first two "machines" are
# network namespaces joined by a cable (veth); nothing is started on this machine or its network, and everything except
# the cache is removed at the end, whatever happens.
set -euo pipefail
cd "$(dirname "$0")/.."
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")" "$@"
  fi
}
began=$SECONDS
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' plain=$'\e[0m'; else bold='' dim='' green='' plain=''; fi
step=0
say() { step=$((step + 1)); printf '\n%s%d. %s%s\n' "$bold" "$step" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
show() { printf '%s   $ %s%s\n' "$dim" "$*" "$plain"; }
good() { printf '   %s✓ %s%s\n' "$green" "$*" "$plain"; }
fail() { printf 'demo: error: %s\n' "$1" >&2; [ ! -s "${log:-}" ] || tail -n 15 "$log" >&2; exit 1; }

# Checked before anything is installed or built: what a container or a plain chroot lacks.
refuse() { printf 'demo: error: %s\nhint: %s\n' "$1" "$2" >&2; exit 1; }
look() {
  unshare --mount --propagation private true 2>/dev/null ||
    refuse 'mount namespaces cannot be created in this root directory' 'in a chroot its root must be a mount point (mount --bind DIR DIR, then chroot DIR); in a container, CAP_SYS_ADMIN is needed'
  unshare --net true 2>/dev/null ||
    refuse 'network namespaces cannot be created here' 'run this on a physical or virtual machine; in a container, CAP_SYS_ADMIN is needed'
  [ -c /dev/net/tun ] || modprobe tun 2>/dev/null || true
  { [ -c /dev/net/tun ] && (: <>/dev/net/tun); } 2>/dev/null ||
    refuse '/dev/net/tun cannot be opened, which the network of the emulated machine needs' "run 'modprobe tun'; in a container, start it with --device=/dev/net/tun"
}

# The emulator of the machine.
build_boot() {
  local made=artifacts/.Mandos.Boot.made now
  now=$(scripts/fingerprint.sh tests/Boot tests/Peers tests/*.props Directory.*.props global.json nuget.config .editorconfig)
  if [ ! -x $boot ] || [ "$(cat $made 2>/dev/null)" != "$now $(cat $boot.dll tests/Boot/bin/Debug/net10.0/Mandos.Peers.dll | sha256sum)" ]; then
    echo '  building the emulator of the machine'
    log=$(mktemp)
    rm -f $made
    dotnet build tests/Boot -v quiet -nologo >"$log" || fail 'tests/Boot does not build'
    rm "$log"
    log=
    echo "$now $(cat $boot.dll tests/Boot/bin/Debug/net10.0/Mandos.Peers.dll | sha256sum)" >$made
  fi
}

boot=tests/Boot/bin/Debug/net10.0/Mandos.Boot
case ${1:-} in
  --look) look; exit 0 ;;
  --run) ;;
  *)
    as_root scripts/demo.sh --look
    scripts/need.sh 'the demonstration' iproute2 cryptsetup-bin mmdebstrap qemu-system-x86
    # As the calling user, who could neither rebuild nor remove what root builds.
    echo 'Building the programs (only those whose sources have changed; all of them take about 5 minutes on two cores and 1 GB of disk)'
    scripts/build.sh
    build_boot
    status=0
    as_root scripts/demo.sh --run || status=$?
    exit $status
    ;;
esac

bin=$PWD/artifacts/bin
work=$(mktemp -d)
chmod 711 "$work"
log=$work/server.log
server_ns=mandos-demo-server-$$ client_ns=mandos-demo-client-$$
server_pid=
end() {
  [ -z "$server_pid" ] || { kill "$server_pid" && wait "$server_pid"; } 2>/dev/null || true
  ip netns del "$server_ns" 2>/dev/null || true
  ip netns del "$client_ns" 2>/dev/null || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM HUP

say 'A machine with an encrypted disk'
note 'A real LUKS2 header on a plain file; its password is random and stored nowhere in the clear.'
head -c 24 /dev/urandom | base64 -w0 >"$work/password"
truncate -s 20M "$work/disk"
show 'cryptsetup luksFormat --type luks2 disk'
cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file "$work/password" "$work/disk"
good "$(cryptsetup luksDump "$work/disk" | sed -n 's/^Version:[[:space:]]*/LUKS version /p')"

say 'Enrolment: keys for the machine, a section for the server'
mkdir -m 700 "$work/keys" "$work/etc"
show 'mandos-keygen --dir keys --name demo'
"$bin/mandos-keygen" --dir "$work/keys" --name demo
show 'mandos-keygen --dir keys --name demo --passfile password >> clients.conf'
"$bin/mandos-keygen" --dir "$work/keys" --name demo --no-ssh --passfile "$work/password" >"$work/etc/clients.conf"
rm "$work/password"
sed 's/^/   | /' "$work/etc/clients.conf" | cut -c 1-76 | head -n 8
good 'the password is now only in that section, encrypted to the key of the machine'

say 'Two machines, one cable'
ip netns add "$server_ns"
ip netns add "$client_ns"
ip -n "$server_ns" link add eth0 type veth peer name eth0 netns "$client_ns"
ip -n "$server_ns" link set lo up
ip -n "$server_ns" link set eth0 up
good 'server: eth0 is up; client: eth0 is still down, as early in a boot'

say 'The Mandos server starts'
: >"$work/etc/mandos.conf"
show 'mandos --foreground --configdir etc --statedir state --debuglevel INFO'
ip netns exec "$server_ns" "$bin/mandos" --foreground --configdir "$work/etc" --statedir "$work/state" --debuglevel INFO >"$log" 2>&1 &
server_pid=$!
sleep 0.5
kill -0 "$server_pid" 2>/dev/null || fail 'the server did not start'
sed 's/^/   | /' "$log" | cut -c 1-140

say 'The machine boots: mandos-client brings the network up, finds the server, gets the password'
show 'mandos-client --interface=eth0 | cryptsetup open --test-passphrase --key-file=- disk'
fetch() { # KEYS LIMIT
  ip netns exec "$client_ns" timeout --kill-after=5 "$2" "$bin/mandos-client" --pubkey="$1/pubkey.txt" --seckey="$1/seckey.txt" \
    --tls-pubkey="$1/tls-pubkey.pem" --tls-privkey="$1/tls-privkey.pem" --interface=eth0 --retry=2
}
before=$(date +%s%N)
if ! fetch "$work/keys" 30 | cryptsetup open --test-passphrase --key-file=- "$work/disk"; then
  fail 'the disk did not open'
fi
good "the LUKS2 header opened, $((($(date +%s%N) - before) / 1000000)) ms after the client was started"

say 'Another machine on the same network asks, with its own keys'
mkdir -m 700 "$work/stranger"
"$bin/mandos-keygen" --dir "$work/stranger" --name stranger >/dev/null
if [ -n "$(fetch "$work/stranger" 4 2>/dev/null || true)" ]; then
  fail 'the unknown machine received data'
fi
good 'no password: the answer is empty, as for a disabled machine'

say 'The log of the server'
tail -n +2 "$log" | sed 's/^/   | /' | cut -c 1-180

say 'A whole machine boots unattended: a real kernel, an encrypted root'
note '(The first time this downloads a Debian system and builds the initramfs: a few minutes, 1 GB in /var/cache/mandos-tests.'
note 'After that it takes half a minute. `make clean-all` frees the space.)'
log=
$boot --demo || fail 'the machine did not boot'

printf '\n%sDone in %d s.%s\n' "$bold" $((SECONDS - began)) "$plain"
