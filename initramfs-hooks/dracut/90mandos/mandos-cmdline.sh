#!/bin/sh
# dracut hook "cmdline": does what mandos= on the kernel command line says. The value is a list with commas in between:
#   off                 ask for the password only (or: no, 0)
#   connect             have dracut configure the network, as ip= says or by DHCP
#   connect:ADDR:PORT   that, and fetch from this server only, without looking for one

mandos_obey_command_line() {
    local word on=yes
    for word in $(getargs mandos= | tr ',' ' '); do
        case $word in
            on | yes | 1) ;;
            off | no | 0) on= ;;
            connect) mandos_want_network ;;
            connect:?*:?*) mandos_want_network && mandos_connect_to "${word#connect:}" ;;
            *) warn "mandos: mandos=$word on the kernel command line is none of off, connect, connect:ADDRESS:PORT" ;;
        esac
    done
    # Without systemd dracut's scripts source this file whenever they are about to ask.
    if [ "$on" ] && [ -e /lib/mandos/plugin-runner ] && [ -e /lib/dracut-crypt-lib.sh ]; then
        cp /lib/dracut-crypt-lib.sh /lib/mandos/dracut-crypt-lib.sh
        echo '. /lib/mandos/ask-for-password.sh' >> /lib/dracut-crypt-lib.sh
    fi
    # With systemd the units look for this file.
    [ "$on" ] || { mkdir -p /run/mandos && : > /run/mandos/off; }
    mandos_leave_nothing
}

# /run lives on in the real system, and so does what the kernel keeps: dracut's hook "cleanup" comes before that.
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
        || warn "mandos: dracut's network module is not in this image, so nothing gets an address by ip= or DHCP"
}

# ADDRESS:PORT, for mandos-client: to where the program that starts it reads options.
mandos_connect_to() {
    if [ "$(printf %s "$1" | tr -d 'A-Za-z0-9.:%_[]-')" ]; then
        warn "mandos: no address and port: mandos=connect:$1"
    elif [ -e /lib/mandos/plugin-runner ]; then
        echo "--options-for=mandos-client:--connect=$1" >> /etc/mandos/plugin-runner.conf
    else
        mkdir -p /run/mandos
        echo "MANDOS_CONNECT_OPTIONS=--connect=$1" > /run/mandos/connect.env
    fi
}

mandos_obey_command_line
