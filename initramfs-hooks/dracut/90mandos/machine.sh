#!/bin/bash
# Finds what the image needs from this machine: programs, keys, IDs, network devices, network hooks. Sourced by module-setup.sh;
# changes nothing. $dracutsysrootdir, usually empty, is the root of the machine's files. What initramfs-tools needs as well is in
# common.sh.

mandos_root=${dracutsysrootdir-}
# shellcheck source=../../common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# WHY FIX: why the module is not included. The machine still boots, and asks for the password.
mandos_left_out() {
    dwarn "mandos: left out of this image, the machine will wait for a typed password: $1"
    dwarn "mandos: hint: $2"
}

# Forced modules see $hostonly unset; the setting is in $hostonly_l (the command line) or zzz-mandos.conf. Without that file (dracut
# --confdir, or only the module copied), an image without a setting counts as generic.
mandos_image_is_for_any_machine() {
    [[ ! ${hostonly-} ]] || return 1
    case ${hostonly_l:-${mandos_configured_hostonly:-no}} in
        yes | -h | unset) return 1 ;;
    esac
}

# TEXT HINT, for common.sh.
mandos_warn() {
    local line
    while IFS= read -r line; do
        dwarn "mandos: $line"
    done <<< "$1"
    [[ ! $2 ]] || dwarn "mandos: hint: $2"
}

mandos_program_usable() {
    local programs
    programs=$(mandos_find_programs) && [[ -x ${dracutsysrootdir-}$programs/plugins.d/mandos-client ]] && return
    mandos_left_out 'there is no executable mandos-client in /usr/lib/mandos/plugins.d or an equivalent directory' \
        'reinstall the package that contains it, and rebuild the image'
    return 1
}

mandos_keys_usable() {
    mandos_has_keys "$(mandos_key_directory)" && return
    # shellcheck disable=SC2154 # common.sh sets them.
    mandos_left_out "$mandos_problem" "$mandos_remedy"
    return 1
}

mandos_disk_tools_usable() {
    find_binary cryptsetup > /dev/null || [[ -x ${dracutsysrootdir-}${systemdutildir-}/systemd-cryptsetup ]] && return
    mandos_left_out 'dracut has no program that opens encrypted disks' 'install the package cryptsetup'
    return 1
}

# Not a reason to leave anything out: the device may be plugged in later, or belong to the machine this chroot is built for.
mandos_warn_of_network() {
    local device driver devices
    devices=$(mandos_network_devices)
    if [[ ! $devices ]]; then
        mandos_warn 'this machine has no network device now; without one at boot, the password must be typed' \
            'add the driver of the future device: add_drivers+=" NAME " in /etc/dracut.conf.d'
        return
    fi
    [[ ${no_kernel-} == yes ]] && return
    while read -r device driver; do
        [[ ! $driver ]] || modinfo -k "$kernel" "$driver" > /dev/null 2>&1 && continue
        mandos_warn "kernel $kernel has no driver $driver, which network device $device needs" \
            "install the package with the rest of that kernel's modules, or those of $driver"
    done <<< "$devices"
}

# Modules of this machine's network drivers that are loaded now, as far as the image's kernel has them.
mandos_loaded_network_modules() {
    local file name
    local -A loaded=()
    while read -r name _; do
        loaded[$name]=1
    done 2> /dev/null < /proc/modules
    while read -r file; do
        name=${file##*/}
        name=${name%%.ko*}
        [[ ${loaded[${name//-/_}]-} ]] && echo "$name"
    done < <(find "${srcmods-}/kernel/drivers/net" -name '*.ko*' 2> /dev/null)
}

# Programs in a directory, one per line.
mandos_programs_in() {
    local file
    for file in "$1"/*; do
        if [[ -f $file && -x $file ]] && ! mandos_is_left_over "${file##*/}"; then
            echo "$file"
        fi
    done
}

# PROGRAM: its interpreter if it is a script, or nothing.
mandos_interpreter() {
    local line
    [[ -f ${dracutsysrootdir-}$1 && -x ${dracutsysrootdir-}$1 ]] || return
    IFS= read -r -n 256 line < "${dracutsysrootdir-}$1"
    [[ $line == '#!'* ]] || return
    read -r line _ <<< "${line#??}"
    echo "$line"
}

# files|modules: what the hooks request in the image, one per line.
mandos_hook_answers() {
    local hook answer
    answer=$(mktemp "${DRACUT_TMPDIR:-/tmp}/mandos-hook.XXXXXX") || return
    while read -r hook; do
        [[ -x ${dracutsysrootdir-}$hook ]] || continue
        DEVICE='' mandos_ask_hook "$hook" "$1" "$answer"
        cat "$answer"
    done < <(mandos_hook_files)
    rm -f "$answer"
}
