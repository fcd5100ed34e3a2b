#!/bin/bash
# Finds what the image needs from this machine: programs, keys, IDs, network devices, network hooks. Sourced by module-setup.sh;
# changes nothing. $dracutsysrootdir, usually empty, is the root of the machine's files.

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

# The directory of packages' programs, or nothing.
mandos_libdir() {
    local dir
    for dir in "${dracutsysrootdir-}"{/usr/{lib,lib/*-linux-*,lib64,libexec},/usr/local/lib}/mandos; do
        if [[ -x $dir/plugins.d/mandos-client ]]; then
            echo "${dir#"${dracutsysrootdir-}"}"
            return
        fi
    done
}

mandos_program_usable() {
    [[ $(mandos_libdir) ]] && return
    mandos_left_out 'there is no executable mandos-client in /usr/lib/mandos/plugins.d nor in its like' \
        'reinstall the package that brings it, and make the image again'
    return 1
}

# The key directory, whether it exists or not.
mandos_keydir() {
    if [[ -d ${dracutsysrootdir-}/etc/keys/mandos || ! -d ${dracutsysrootdir-}/etc/mandos/keys ]]; then
        echo /etc/keys/mandos
    else
        echo /etc/mandos/keys
    fi
}

mandos_keys_usable() {
    local file keydir
    keydir=$(mandos_keydir)
    for file in pubkey.txt seckey.txt tls-pubkey.pem tls-privkey.pem; do
        [[ -s ${dracutsysrootdir-}$keydir/$file && -r ${dracutsysrootdir-}$keydir/$file ]] && continue
        mandos_left_out "the key file $keydir/$file is missing, empty or not readable" \
            'make keys with mandos-keygen (as root), tell the server (mandos-keygen --password), and make the image again'
        return 1
    done
}

# The key tool reads the keys with the code that the client reads them with. Whatever it finds, they go into the image: at
# boot the client says on the console what is wrong, and a check that is wrong itself must not cost a boot.
mandos_warn_of_keys() {
    local keydir keygen line said
    keydir=$(mandos_keydir)
    for keygen in {/usr,/usr/local}/sbin/mandos-keygen; do
        # That of Debian's package cannot check.
        "$keygen" --help 2> /dev/null | grep -q -e --check || continue
        said=$("$keygen" --check --dir="${dracutsysrootdir-}$keydir" 2>&1 > /dev/null < /dev/null) && [[ ! $said ]] && return
        dwarn "mandos: mandos-keygen --check finds something wrong with the keys in $keydir:"
        while IFS= read -r line; do
            dwarn "mandos: $line"
        done <<< "$said"
        return
    done
}

mandos_disk_tools_usable() {
    find_binary cryptsetup > /dev/null || [[ -x ${dracutsysrootdir-}${systemdutildir-}/systemd-cryptsetup ]] && return
    mandos_left_out 'dracut has nothing to open an encrypted disk with' 'install the package cryptsetup'
    return 1
}

# The unprivileged user and group, as numbers: early boot cannot look up names.
mandos_ids() {
    local name user group wanted
    for wanted in _mandos nobody; do
        while IFS=: read -r name _ user group _; do
            if [[ $name == "$wanted" && $user != 0 && $group != 0 ]]; then
                echo "$user $group"
                return
            fi
        done < "${dracutsysrootdir-}/etc/passwd"
    done
    echo '65534 65534'
}

# Network devices with hardware behind them, one a line.
mandos_network_devices() {
    local device
    for device in /sys/class/net/*; do
        [[ -e $device/device ]] && echo "${device##*/}"
    done
}

# Not a reason to leave anything out: the device may be plugged in later, or belong to the machine this chroot is built for.
mandos_warn_of_network() {
    local device driver devices
    devices=$(mandos_network_devices)
    if [[ ! $devices ]]; then
        dwarn 'mandos: this machine has no network device now; without one at boot, the password must be typed'
        dwarn 'mandos: hint: name the driver of the future device: add_drivers+=" NAME " in /etc/dracut.conf.d'
        return
    fi
    [[ ${no_kernel-} == yes ]] && return
    for device in $devices; do
        driver=$(readlink "/sys/class/net/$device/device/driver/module") || continue
        driver=${driver##*/}
        modinfo -k "$kernel" "$driver" > /dev/null 2>&1 && continue
        dwarn "mandos: kernel $kernel has no driver $driver, which network device $device needs"
        dwarn "mandos: hint: install the package with the rest of that kernel's modules, or those of $driver"
    done
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

# File names of editors' and dpkg's backups.
mandos_ignored_name() {
    case $1 in
        .* | '#'*'#' | *~ | *.dpkg-old | *.dpkg-bak | *.dpkg-new | *.dpkg-divert) return 0 ;;
    esac
    return 1
}

# Programs in a directory, one a line.
mandos_programs_in() {
    local file
    for file in "$1"/*; do
        if [[ -f $file && -x $file ]] && ! mandos_ignored_name "${file##*/}"; then
            echo "$file"
        fi
    done
}

# PROGRAM: what runs it if it is a script, or nothing.
mandos_interpreter() {
    local line
    [[ -f ${dracutsysrootdir-}$1 && -x ${dracutsysrootdir-}$1 ]] || return
    IFS= read -r -n 256 line < "${dracutsysrootdir-}$1"
    [[ $line == '#!'* ]] || return
    read -r line _ <<< "${line#??}"
    echo "$line"
}

# Network hooks and the files beside them, one a line.
mandos_hook_files() {
    local file
    for file in "${dracutsysrootdir-}"/etc/mandos/network-hooks.d/*; do
        if [[ -f $file && ! ${file##*/} =~ [^A-Za-z0-9_.-] ]] && ! mandos_ignored_name "${file##*/}"; then
            echo "${file#"${dracutsysrootdir-}"}"
        fi
    done
}

# In seconds, as at boot.
mandos_hook_limit=30

# HOOK MODE: its output, without empty lines and with a final newline. Uses a file, because a process that the hook leaves running
# could keep a pipe open.
mandos_hook_answer() {
    local answer status limited=()
    command -v timeout > /dev/null && limited=(timeout -k 2 "$mandos_hook_limit")
    answer=$(mktemp "${DRACUT_TMPDIR:-/tmp}/mandos-hook.XXXXXX") || return
    MANDOSNETHOOKDIR=${dracutsysrootdir-}/etc/mandos/network-hooks.d DEVICE='' MODE=$2 VERBOSITY=0 \
        "${limited[@]}" "${dracutsysrootdir-}$1" "$2" < /dev/null > "$answer"
    status=$?
    grep -a '[^[:blank:]]' "$answer"
    rm -f "$answer"
    case $status in
        0) ;;
        124 | 137) dwarn "mandos: network hook $1 was asked for its $2 and did not exit within $mandos_hook_limit seconds" ;;
        *) dwarn "mandos: network hook $1 failed when it was asked for its $2" ;;
    esac
}

# files|modules: what the hooks request in the image, one per line.
mandos_hook_answers() {
    local hook
    while read -r hook; do
        [[ -x ${dracutsysrootdir-}$hook ]] && mandos_hook_answer "$hook" "$1"
    done < <(mandos_hook_files)
}
