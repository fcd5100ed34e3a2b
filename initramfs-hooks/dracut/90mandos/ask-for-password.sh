#!/bin/sh
# Replaces dracut's own ask_for_password: plugin-runner asks on the console and fetches from Mandos servers at the same time.
# Same options; the command must read the password from standard input, as the one for Plymouth does.
#
# The password of one disk is tried on the next disk first: one fetched or typed password opens all disks that share it. Between
# the questions the kernel keeps it (password-cache).
#
# A password that does not open the disk may come from a server with an old one. So after a failure only the console is asked, for a
# time that doubles, before servers are asked again: there is no busy loop, and a corrected server is used.

ask_for_password() {
    local status=0
    mandos_ask_for_password "$@" || status=$?
    # 126 and more: the program did not run or crashed. dracut then asks as without this module.
    [ $status -ge 126 ] || return $status
    warn 'mandos: plugin-runner cannot run here'
    . /lib/mandos/dracut-crypt-lib.sh
    ask_for_password "$@"
}

mandos_ask_for_password() {
    local command='' tty_command='' prompt='' tty_prompt='' tries=3 pause=15
    while [ $# -gt 0 ]; do
        case $1 in
            --cmd) command=$2 tty_command=$2 && shift ;;
            --ply-cmd) command=$2 && shift ;;
            --tty-cmd) tty_command=$2 && shift ;;
            --prompt) prompt=$2 tty_prompt=$2 && shift ;;
            --ply-prompt) prompt=$2 && shift ;;
            --tty-prompt) tty_prompt=$2 && shift ;;
            --tries | --ply-tries) tries=$2 && shift ;;
            --tty-tries) shift ;;
        esac
        shift
    done
    command=${command:-$tty_command}
    prompt=${prompt:-$tty_prompt}
    # plugin-runner splits options at commas.
    while [ "$prompt" != "${prompt#*,}" ]; do
        prompt="${prompt%%,*} ${prompt#*,}"
    done
    mkdir -p -m 700 /run/mandos

    # One question at a time on this console.
    {
        flock 9
        mandos_try_passwords
    } 9> /.console_lock
}

# With the variables of mandos_ask_for_password: repeats until the disk is open, or all tries are used up.
mandos_try_passwords() {
    local status
    mandos_try_kept && return 0
    while :; do
        mandos_try && mandos_opened && return 0
        while :; do
            [ "$status" -lt 126 ] || return "$status"
            mandos_try "$pause" && mandos_opened && return 0
            # The time limit has passed without a password.
            [ "$status" != 124 ] || break
            tries=$((tries - 1))
            [ "$tries" -gt 0 ] || break 2
        done
        [ "$pause" -ge 600 ] || pause=$((pause * 2))
    done
    echo 'Wrong password' >&2
    return 1
}

# The password that the kernel keeps has opened a disk.
mandos_opened() {
    : > /run/mandos/opened
}

mandos_try_kept() {
    [ -e /run/mandos/opened ] && mandos_keeper give | eval "$command" 9>&-
}

mandos_keeper() {
    /lib/mandos/mandos-client password-cache "$1" 9>&-
}

# [SECONDS]: one password for the command. With SECONDS only the console is asked, for that time. $status becomes the exit
# status of plugin-runner (124: time limit). The password goes through pipes.
mandos_try() {
    local result
    rm -f /run/mandos/opened
    echo 1 > /run/mandos/status
    # shellcheck disable=SC2154 # device and luksname: of the script that asks, cryptroot-ask
    {
        export CRYPTTAB_SOURCE="${device-}" CRYPTTAB_NAME="${luksname-}" cryptsource="${device-}" crypttarget="${luksname-}"
        ${1:+timeout --foreground -k 10 "$1"} /lib/mandos/plugin-runner --config-file=/etc/mandos/plugin-runner.conf \
            ${prompt:+"--options-for=password-prompt:--prompt=$prompt" "--options-for=plymouth:--prompt=$prompt"} \
            ${1:+--disable=mandos-client} 9>&-
        echo $? > /run/mandos/status
    } | mandos_keeper keep | eval "$command" 9>&-
    result=$?
    read -r status < /run/mandos/status
    return $result
}
