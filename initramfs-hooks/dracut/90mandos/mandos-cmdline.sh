#!/bin/sh
# dracut hook "cmdline": applies mandos= on the kernel command line. The value is a comma-separated list:
#   off                 ask for the password only (or: no, 0)
#   connect             have dracut configure the network, as given by ip= or by DHCP
#   connect:ADDR:PORT   the same, and fetch only from this server, without searching
#   connect:A:P,B:P     the same, and try these servers in addition to those that are found

mandos_obey_command_line() {
    local word on=yes connect='' servers=''
    for word in $(getargs mandos= | tr ',' ' '); do
        case $word in
            [Oo][Nn] | [Yy][Ee][Ss] | 1) ;;
            [Oo][Ff][Ff] | [Nn][Oo] | 0) on= ;;
            connect) connect=yes ;;
            connect:*) connect=yes && mandos_add_server "${word#connect:}" ;;
            # More servers may follow the first.
            *:*) if [ "$connect" ]; then mandos_add_server "$word"; else mandos_unknown "$word"; fi ;;
            *) mandos_unknown "$word" ;;
        esac
    done
    [ ! "$connect" ] || mandos_want_network
    mandos_name_servers
    # Without systemd dracut's scripts source this file whenever they are about to ask.
    if [ "$on" ] && [ -e /lib/mandos/plugin-runner ] && [ -e /lib/dracut-crypt-lib.sh ]; then
        cp /lib/dracut-crypt-lib.sh /lib/mandos/dracut-crypt-lib.sh
        echo '. /lib/mandos/ask-for-password.sh' >> /lib/dracut-crypt-lib.sh
    fi
    # With systemd the units look for this file.
    [ "$on" ] || { mkdir -p /run/mandos && : > /run/mandos/off; }
    mandos_leave_nothing
}

mandos_unknown() {
    warn "mandos: mandos=$1 on the kernel command line is not off, connect or connect:ADDRESS:PORT"
}

# /run survives into the real system, and so does the kernel's keyring: dracut's hook "cleanup" runs before that.
mandos_leave_nothing() {
    mandos_at cleanup 'rm -rf /run/mandos'
    if [ -e /lib/mandos/plugin-runner ]; then
        # As soon as all disks are open, and in any case.
        mandos_at pre-mount '/lib/mandos/mandos-client password-keeper forget'
        mandos_at cleanup '/lib/mandos/mandos-client password-keeper forget'
    fi
}

# HOOK COMMAND
mandos_at() {
    # shellcheck disable=SC2154 # It is dracut-lib.sh's.
    mkdir -p "$hookdir/$1" && echo "$2" >> "$hookdir/$1/90-mandos.sh"
}

mandos_want_network() {
    echo rd.neednet=1 > /etc/cmdline.d/90-mandos-connect.conf
    [ -e /lib/net-lib.sh ] \
        || warn "mandos: dracut's network module is not in this image, so no interface gets an address by ip= or DHCP"
}

# ADDRESS:PORT
mandos_add_server() {
    if mandos_is_server "$1"; then
        servers="$servers $1"
    else
        warn "mandos: '$1' on the kernel command line is not a numeric ADDRESS:PORT; searching for servers instead"
    fi
}

# ADDRESS:PORT, numeric: with anything else mandos-client would exit at once without a password.
mandos_is_server() {
    local port host
    port=${1##*:}
    case "$port" in '' | *[!0-9]* | ??????*) return 1 ;; esac
    [ "$port" -le 65535 ] || return 1
    host=${1%:*}
    # An IPv6 address may be in brackets, with an interface after a percent sign.
    case "$host" in
        *:*) host=${host%%%*}; host=${host#\[}; host=${host%\]} ;;
    esac
    case "$host" in
        *[!0-9A-Fa-f:.]* | *[!:]:) return 1 ;;
        *:*) ;;
        *[!0-9.]*) return 1 ;;
        *.*.*.*) ;;
        *) return 1 ;;
    esac
}

# Options for mandos-client, written to where the program that starts it reads them. A single server is used exclusively; several
# are tried in addition to those that are found.
mandos_name_servers() {
    local server options=
    case "$servers" in
        '') return ;;
        ' '*' '*) for server in $servers; do options="$options --server=$server"; done ;;
        *) options=" --connect=${servers# }" ;;
    esac
    if [ -e /lib/mandos/plugin-runner ]; then
        for server in $options; do
            echo "--options-for=mandos-client:$server" >> /etc/mandos/plugin-runner.conf
        done
    else
        mkdir -p /run/mandos
        echo "MANDOS_CONNECT_OPTIONS=${options# }" > /run/mandos/connect.env
    fi
}

mandos_obey_command_line
