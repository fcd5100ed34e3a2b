#!/bin/bash
# dracut module mandos: the machine gets the password of its disk from a Mandos server while it boots.
# With systemd in the initramfs a password agent answers systemd's questions; without systemd, dracut's own password prompt
# runs plugin-runner. For a diagram and the reasons see README.md in the source and mandos-dracut(7).

# shellcheck source=machine.sh
. "${BASH_SOURCE[0]%/*}/machine.sh"

# called by dracut
check() {
    # Module crypt knows whether the machine boots from an encrypted disk; nothing here depends on what is mounted.
    [[ ${mount_needs-} ]] && return 1

    # A generic image must not contain this machine's keys, unless this is requested explicitly.
    if mandos_image_is_for_any_machine && [[ " ${force_add_dracutmodules-} ${dracutmodules-} " != *" mandos "* ]]; then
        mandos_left_out 'this image is for any machine (hostonly="no" or --no-hostonly), and the keys are for this one' \
            'remove hostonly="no" from /etc/dracut.conf and /etc/dracut.conf.d, or run dracut --force-add mandos'
        return 1
    fi
    mandos_program_usable && mandos_keys_usable && mandos_disk_tools_usable || return 1
    mandos_judge_keys "$(mandos_key_directory)"
    mandos_warn_of_network
    return 0
}

# called by dracut
depends() {
    # The client configures the network itself: no network module is required.
    echo crypt
}

# called by dracut
installkernel() {
    local -a loaded
    local module
    # With hostonly: the modules that this machine's devices request. In either case the modules that are loaded (parts of
    # drivers that no device requests, such as those for a phy).
    if [[ ${hostonly-} ]]; then
        instmods =drivers/net
    else
        # Wired devices, as initramfs-tools does. Drivers of wireless ones bring firmware by the hundred megabytes.
        instmods -s =drivers/net/ethernet =drivers/net/phy =drivers/net/mdio =drivers/net/pcs =drivers/net/usb =drivers/net/hyperv \
            virtio_net vmxnet3 xen-netfront
    fi
    readarray -t loaded < <(mandos_loaded_network_modules)
    hostonly='' instmods -s ipv6 af_packet "${loaded[@]}"
    while read -r module; do
        if hostonly='' instmods -c -s "$module"; then
            # Loaded before udev starts, whatever asks for it.
            mkdir -p "$initdir/etc/cmdline.d"
            echo "rd.driver.pre=$module" >> "$initdir/etc/cmdline.d/90-mandos-modules.conf"
        else
            dwarn "mandos: a network hook requests the module $module, which kernel $kernel does not have"
        fi
    done < <(mandos_hook_answers modules | tr -s '[:blank:]' '\n')
}

# called by dracut
install() {
    local libdir
    libdir=$(mandos_find_programs)
    # The single executable; all other programs are links to it.
    inst_binary "$libdir/plugins.d/mandos-client" /lib/mandos/mandos-client
    chmod 755 "$initdir/lib/mandos/mandos-client"
    mandos_install_keys
    mandos_install_programs_of_the_administrator "$libdir/plugin-helpers" /etc/mandos/plugin-helpers /lib/mandos/plugin-helpers
    mandos_install_network_hooks
    inst_hook cmdline 20 "$moddir/mandos-cmdline.sh"
    if dracut_module_included systemd; then
        mandos_install_agent
    else
        mandos_install_runner "$libdir"
    fi
    mandos_hide_image
}

# Secret: readable for root only, whatever the modes on the disk.
mandos_install_keys() {
    local file keydir
    keydir=$(mandos_key_directory)
    inst_dir /etc/mandos
    mkdir -p -m 700 "$initdir/etc/mandos/keys"
    # mandos-keygen may have stopped while it moved a set of new keys into place: those that have not been moved are in a directory.
    for file in "$dracutsysrootdir$keydir"/* "$dracutsysrootdir$keydir"/.mandos-keygen.ready/*; do
        if [[ -f $file ]] && ! mandos_is_left_over "${file##*/}"; then
            # By its own name `install` is the function above.
            command install -m 600 "$file" "$initdir/etc/mandos/keys/${file##*/}"
        fi
    done
}

# SOURCE [TARGET]: like inst; skips a script without its interpreter, for which dracut would build no image at all.
mandos_inst() {
    local interpreter
    interpreter=$(mandos_interpreter "$1")
    if [[ $interpreter && ! -x $dracutsysrootdir$interpreter ]]; then
        dwarn "mandos: $1 is left out of this image: its interpreter $interpreter does not exist"
        dwarn 'mandos: hint: install the package that contains it, or remove the file'
        return 0
    fi
    inst "$@"
}

# FROM_PACKAGES FROM_ADMINISTRATOR TO: the administrator's files override packaged ones.
mandos_install_programs_of_the_administrator() {
    local file
    inst_dir "$3"
    for file in "$dracutsysrootdir$2"/* "$dracutsysrootdir$1"/*; do
        if [[ -f $file && -x $file ]] && ! mandos_is_left_over "${file##*/}"; then
            mandos_inst "${file#"$dracutsysrootdir"}" "$3/${file##*/}"
        fi
    done
}

mandos_install_network_hooks() {
    local file source target
    inst_dir /lib/mandos/network-hooks.d
    while read -r file; do
        mandos_inst "$file" "/lib/mandos/network-hooks.d/${file##*/}"
    done < <(mandos_hook_files)
    while read -r source target; do
        if [[ $target == */ || ( $target && -d $initdir$target ) ]]; then
            target=${target%/}/${source##*/}
        fi
        if [[ ! -e $dracutsysrootdir$source ]] || ! mandos_inst "$source" ${target:+"$target"}; then
            dwarn "mandos: a network hook requests the file $source, which does not exist"
        fi
    done < <(mandos_hook_answers files)
}

# With systemd: the enabled units, the administrator's drop-ins, and the settings that depend on this machine.
mandos_install_agent() {
    local file unit
    ln -sfn mandos-client "$initdir/lib/mandos/password-agent"
    for unit in path service; do
        inst_simple "$moddir/ask-password-mandos.$unit" "$systemdsystemunitdir/ask-password-mandos.$unit"
        for file in "$dracutsysrootdir/etc/systemd/system/ask-password-mandos.$unit.d"/*.conf; do
            [[ -f $file ]] && inst_simple "${file#"$dracutsysrootdir"}"
        done
    done
    inst_dir "$systemdsystemunitdir/sysinit.target.wants"
    ln -sfn ../ask-password-mandos.path "$initdir$systemdsystemunitdir/sysinit.target.wants/ask-password-mandos.path"
    inst_dir "$systemdsystemunitdir/ask-password-mandos.service.d"
    # The name sorts before the administrator's drop-ins, which override it.
    mandos_agent_settings > "$initdir$systemdsystemunitdir/ask-password-mandos.service.d/00-image.conf"
    if [[ ! -x $dracutsysrootdir$systemdutildir/systemd-cryptsetup ]]; then
        dwarn "mandos: systemd in this image cannot open encrypted disks: $systemdutildir/systemd-cryptsetup does not exist"
        dwarn 'mandos: hint: install the package systemd-cryptsetup'
    fi
    if [[ $(mandos_programs_in "$dracutsysrootdir/etc/mandos/plugins.d") ]]; then
        dwarn 'mandos: with systemd in the image, plugin-runner does not run: /etc/mandos/plugins.d is not used'
    fi
}

# The unit's own command with the user for the network process, and with the server from mandos=connect (mandos-cmdline.sh writes
# that file). The agent's options come first, the client's last.
mandos_agent_settings() {
    local command group user
    read -r user group < <(mandos_ids)
    command=$(sed -e ':joined' -e '/\\$/{N;s/[[:blank:]]*\\\n[[:blank:]]*/ /;bjoined' -e '}' -e '/^ExecStart=./!d' -e 's/^ExecStart=//' \
        "$moddir/ask-password-mandos.service")
    cat << EOF
# Made by dracut's module mandos for this image.
[Service]
Environment=MANDOS_CONNECT_OPTIONS=
EnvironmentFile=-/run/mandos/connect.env
ExecStart=
ExecStart=${command%% *} --user=$user --group=$group ${command#* } \$MANDOS_CONNECT_OPTIONS
EOF
}

# Without systemd: plugin-runner with the plugins of packages and of the administrator, and its configuration.
mandos_install_runner() {
    local file group user keys=/etc/mandos/keys libdir=$1 name
    ln -sfn mandos-client "$initdir/lib/mandos/plugin-runner"
    inst_dir /lib/mandos/plugins.d
    for file in "$dracutsysrootdir/etc/mandos/plugins.d"/* "$dracutsysrootdir$libdir/plugins.d"/*; do
        name=${file##*/}
        # askpass-fifo waits for a program that dracut does not have.
        [[ -f $file && -x $file && $name != askpass-fifo && ! -e $initdir/lib/mandos/plugins.d/$name ]] || continue
        mandos_is_left_over "$name" && continue
        if [[ $file -ef $dracutsysrootdir$libdir/plugins.d/mandos-client ]]; then
            ln -sn ../mandos-client "$initdir/lib/mandos/plugins.d/$name"
        else
            mandos_inst "${file#"$dracutsysrootdir"}" "/lib/mandos/plugins.d/$name"
        fi
    done
    read -r user group < <(mandos_ids)
    {
        # First, so that the administrator's options override these.
        echo "--options-for=mandos-client:--pubkey=$keys/pubkey.txt,--seckey=$keys/seckey.txt"
        echo "--options-for=mandos-client:--tls-pubkey=$keys/tls-pubkey.pem,--tls-privkey=$keys/tls-privkey.pem"
        echo "--userid=$user"
        echo "--groupid=$group"
        # With a final newline: mandos-cmdline.sh appends options.
        [[ ! -r $dracutsysrootdir/etc/mandos/plugin-runner.conf ]] || sed -e '$a\' "$dracutsysrootdir/etc/mandos/plugin-runner.conf"
    } > "$initdir/etc/mandos/plugin-runner.conf"
    inst_simple "$moddir/ask-for-password.sh" /lib/mandos/ask-for-password.sh
    inst_multiple cp flock mkdir timeout tr
}

# dracut creates new images readable for root only, but keeps the mode of an image that it replaces.
mandos_hide_image() {
    [[ -f ${outfile-} ]] || return 0
    chmod go-rwx "$outfile"
    if [[ $(stat -c %a "$outfile") != *00 ]]; then
        dwarn "mandos: every user on this machine can read $outfile, and the keys in it"
        dwarn 'mandos: hint: mount that file system with umask=0077'
    fi
}
