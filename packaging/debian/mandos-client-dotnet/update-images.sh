# Every image contains a copy of keys and programs, so all images are rebuilt, not only that of the newest kernel.
update_images() {
  if command -v mkinitramfs >/dev/null && command -v update-initramfs >/dev/null; then
    update-initramfs -k all -u
  elif [ -x /etc/kernel/postinst.d/dracut ]; then
    for image in /boot/initrd.img-*; do
      version=${image#/boot/initrd.img-}
      [ -e "$image" ] && [ -d "/lib/modules/$version" ] || continue
      chmod go-rwx "$image"
      /etc/kernel/postinst.d/dracut "$version"
    done
  fi
}
