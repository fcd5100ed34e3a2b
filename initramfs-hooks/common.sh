# Functions for both builders of initramfs images: initramfs-tools (dash) and dracut (bash). Finds what an image needs from this
# machine; changes nothing. POSIX sh.
#
# The sourcing script defines mandos_warn TEXT HINT. $mandos_root, usually empty, is the root of the machine's files.

# Names of files that an editor or dpkg left, not the administrator.
mandos_is_left_over() { # NAME
    case "$1" in
        .* | '#'*'#' | *~ | *.dpkg-old | *.dpkg-bak | *.dpkg-new | *.dpkg-divert) return 0 ;;
    esac
    return 1
}

# The directory of the package's programs, without $mandos_root; fails if there is none.
mandos_find_programs() {
    for mandos_directory in "${mandos_root-}"/usr/lib "${mandos_root-}"/usr/lib/*-linux-* "${mandos_root-}"/usr/lib64 \
        "${mandos_root-}"/usr/libexec "${mandos_root-}"/usr/local/lib; do
        if [ -e "$mandos_directory/mandos/plugins.d/mandos-client" ]; then
            mandos_directory=$mandos_directory/mandos
            echo "${mandos_directory#"${mandos_root-}"}"
            return 0
        fi
    done
    return 1
}

# The key directory, without $mandos_root, whether it has keys or not.
mandos_key_directory() {
    for mandos_directory in /etc/keys/mandos /etc/mandos/keys; do
        for mandos_file in tls-privkey.pem seckey.txt; do
            if [ -e "${mandos_root-}$mandos_directory/$mandos_file" ]; then
                echo "$mandos_directory"
                return
            fi
        done
    done
    echo /etc/keys/mandos
}

# Whether the machine has all key files; otherwise $mandos_problem and $mandos_remedy say what is wrong. mandos_judge_keys checks
# their content.
mandos_has_keys() { # KEY-DIRECTORY
    mandos_problem=
    mandos_present=
    for mandos_file in pubkey.txt seckey.txt tls-pubkey.pem tls-privkey.pem; do
        mandos_path=${mandos_root-}$1/$mandos_file
        if [ -s "$mandos_path" ] && [ -r "$mandos_path" ]; then
            mandos_present=yes
        elif [ -z "$mandos_problem" ]; then
            mandos_problem="the key file $1/$mandos_file is missing, empty or not readable"
        fi
    done
    [ -n "$mandos_problem" ] || return 0
    mandos_remedy="put what 'mandos-keygen --password' prints into clients.conf of the server, and rebuild the image"
    if [ -n "$mandos_present" ]; then
        mandos_remedy="restore it from a backup; or run 'mandos-keygen --force' as root, $mandos_remedy"
    else
        mandos_problem="this machine has no keys in $1"
        mandos_remedy="run 'mandos-keygen' as root, $mandos_remedy"
    fi
    return 1
}

# The key tool reads the keys with the same code as the client. Whatever it finds, they go into the image: at boot the client prints
# the problem on the console, and a faulty check must not prevent a boot.
mandos_judge_keys() { # KEY-DIRECTORY
    for mandos_keygen in /usr/sbin/mandos-keygen /usr/local/sbin/mandos-keygen; do
        # Debian's mandos-keygen has no check. Not `| grep -q`, which may end before the help does: dracut sets pipefail.
        case $("$mandos_keygen" --help 2>/dev/null) in
            *--check*) ;;
            *) continue ;;
        esac
        mandos_said=$("$mandos_keygen" --check --dir="${mandos_root-}$1" 2>&1 >/dev/null </dev/null) && [ -z "$mandos_said" ] ||
            mandos_warn "mandos-keygen --check reports a problem with the keys in $1:
$mandos_said" ''
        return
    done
}

# The user and group of the network process and of plugins: USER GROUP, as numbers, because early boot cannot look up names.
mandos_ids() {
    for mandos_wanted in _mandos nobody; do
        while IFS=: read -r mandos_name mandos_password mandos_user mandos_group mandos_rest; do
            if [ "$mandos_name" = "$mandos_wanted" ] && [ "$mandos_user" != 0 ] && [ "$mandos_group" != 0 ]; then
                echo "$mandos_user $mandos_group"
                return
            fi
        done <"${mandos_root-}/etc/passwd"
    done
    echo '65534 65534'
}

# Network devices with hardware behind them, one per line, each followed by the module of its driver if it has one.
mandos_network_devices() {
    for mandos_link in /sys/class/net/*/device; do
        [ -e "$mandos_link" ] || continue
        mandos_device=${mandos_link%/device}
        mandos_driver=$(readlink "$mandos_link/driver/module") || mandos_driver=
        echo "${mandos_device##*/} ${mandos_driver##*/}"
    done
}

# Network hooks and the files beside them, without $mandos_root, one per line.
mandos_hook_directory=/etc/mandos/network-hooks.d
mandos_hook_files() {
    for mandos_file in "${mandos_root-}$mandos_hook_directory"/*; do
        case "${mandos_file##*/}" in
            *[!0-9A-Za-z_.-]*) continue ;;
        esac
        if [ -f "$mandos_file" ] && ! mandos_is_left_over "${mandos_file##*/}"; then
            echo "${mandos_file#"${mandos_root-}"}"
        fi
    done
}

# Asks a network hook; its output, without empty lines, goes to a file, because a process that the hook leaves running could keep a pipe
# open. Fails if the hook did not exit within the limit, in seconds, which is that at boot.
mandos_hook_limit=30
mandos_ask_hook() { # HOOK MODE FILE
    mandos_limited=
    if command -v timeout >/dev/null; then
        mandos_limited="timeout -k 2 $mandos_hook_limit"
    fi
    DEVICE=${DEVICE-} MODE=$2 MANDOSNETHOOKDIR=${mandos_root-}$mandos_hook_directory VERBOSITY=0 \
        $mandos_limited "${mandos_root-}$1" "$2" </dev/null >"$3.raw"
    mandos_status=$?
    grep -a '[^[:blank:]]' "$3.raw" >"$3"
    rm -f "$3.raw"
    case "$mandos_status" in
        0) ;;
        124 | 137)
            mandos_warn "network hook $1 was asked for its $2 and did not exit within $mandos_hook_limit seconds" "run 'MODE=$2 $1 $2' to see why"
            return 1 ;;
        *) mandos_warn "network hook $1 failed when it was asked for its $2" "run 'MODE=$2 $1 $2' to see why" ;;
    esac
}
