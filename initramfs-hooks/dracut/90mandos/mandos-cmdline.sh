#!/bin/sh
# dracut hook "cmdline": applies mandos= on the kernel command line. The value is a comma-separated list:
#   off                 ask for the password only (or: no, 0)
#   connect             have dracut configure the network, as given by ip= or by DHCP
#   connect:ADDR:PORT   the same, and fetch only from this server, without searching
#   connect:A:P,B:P     the same, and try these servers in addition to those that are found

mandos_obey_command_line() {
    local on=yes connect='' options='' values what value
    # dracut joins the kernel command line with /etc/cmdline.d; the boot executable reads the values. No value
    # means that the parameter is missing.
    values=$(getargs mandos=)
    while read -r what value; do
        case $what in
            off) on= ;;
            network) connect=yes ;;
            option) options="$options $value" ;;
            warning) warn "mandos: $value" ;;
        esac
    done << EOF
$(/lib/mandos/mandos-client kernel-parameters "${values:-on}")
EOF
    [ ! "$connect" ] || mandos_want_network
    mandos_name_servers "$options"
    # Without systemd dracut's scripts source this file before each prompt.
    if [ "$on" ] && [ -e /lib/mandos/plugin-runner ] && [ -e /lib/dracut-crypt-lib.sh ]; then
        cp /lib/dracut-crypt-lib.sh /lib/mandos/dracut-crypt-lib.sh
        echo '. /lib/mandos/ask-for-password.sh' >> /lib/dracut-crypt-lib.sh
    fi
    # With systemd the units look for this file.
    [ "$on" ] || { mkdir -p /run/mandos && : > /run/mandos/off; }
    mandos_leave_nothing
}

# /run and the kernel's keyring persist in the real system: dracut's hook "cleanup" runs before that.
mandos_leave_nothing() {
    mandos_at cleanup 'rm -rf /run/mandos'
    if [ -e /lib/mandos/plugin-runner ]; then
        # As soon as all disks are open, and in any case.
        mandos_at pre-mount '/lib/mandos/mandos-client password-cache forget'
        mandos_at cleanup '/lib/mandos/mandos-client password-cache forget'
    fi
}

# HOOK COMMAND
mandos_at() {
    # shellcheck disable=SC2154 # dracut-lib.sh sets it.
    mkdir -p "$hookdir/$1" && echo "$2" >> "$hookdir/$1/90-mandos.sh"
}

mandos_want_network() {
    echo rd.neednet=1 > /etc/cmdline.d/90-mandos-connect.conf
    [ -e /lib/net-lib.sh ] \
        || warn "mandos: dracut's network module is not in this image, so no interface gets an address by ip= or DHCP"
}

# OPTIONS for mandos-client, written to where the program that starts it reads them.
mandos_name_servers() {
    local server options=$1
    [ "$options" ] || return
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
