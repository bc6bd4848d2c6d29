#!/bin/sh
# image.sh DIR  makes the disk of the bench's machine: DIR/{disk.img,vmlinuz,initrd.img}. Root only; a few minutes.
#
# Debian 12 with its own kernel, a person who is logged in at a screen, and everything the till's package depends on. The till itself
# is not in it: its package is installed when the machine starts.
set -eu
dir=$1
here=$(cd "$(dirname "$0")" && pwd)
tree=$dir/tree
rm -rf "$tree"
mkdir -p "$dir"
mmdebstrap --variant=apt --mode=root \
    --aptopt='APT::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --include=linux-image-amd64,initramfs-tools,systemd-sysv,udev,kmod,dbus,libpam-systemd,login,iproute2,usbip,usbutils \
    --include=xserver-xorg-core,xserver-xorg-input-libinput,xinit,xauth,xdotool,sqlite3 \
    --include=libwebkit2gtk-4.1-0,libgtk-3-0,fonts-noto-cjk \
    --customize-hook="sh '$here/furnish.sh' \"\$1\" '$here/guest'" \
    bookworm "$tree"
cp "$tree"/boot/vmlinuz-* "$dir/vmlinuz"
cp "$tree"/boot/initrd.img-* "$dir/initrd.img"
rm -rf "$tree/var/cache/apt" "$tree/var/lib/apt/lists"
rm -f "$dir/disk.part"
# The till asks for 2 GB of room; what is empty takes none here.
truncate -s 6G "$dir/disk.part"
mke2fs -q -F -t ext4 -d "$tree" "$dir/disk.part"
rm -rf "$tree"
mv "$dir/disk.part" "$dir/disk.img"
