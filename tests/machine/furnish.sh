#!/bin/sh
# furnish.sh TREE GUEST  puts the bench's own files into the machine's file tree.
set -eu
tree=$1
guest=$2
echo guitai-bench > "$tree/etc/hostname"
echo "127.0.0.1 localhost guitai-bench" > "$tree/etc/hosts"
# An ordinary person, in the groups Debian's installer gives the first one.
chroot "$tree" useradd --create-home --shell /bin/bash --groups dialout,video,plugdev cashier
install -m 755 "$guest/agent.sh" "$tree/usr/local/lib/bench-agent"
install -m 755 "$guest/session.sh" "$tree/usr/local/lib/bench-session"
install -m 755 "$guest/gadget.sh" "$tree/usr/local/bin/gadget"
install -m 644 "$guest/bench-agent.service" "$tree/etc/systemd/system/bench-agent.service"
install -D -m 644 "$guest/autologin.conf" "$tree/etc/systemd/system/getty@tty1.service.d/autologin.conf"
install -D -m 644 "$guest/xorg.conf" "$tree/etc/X11/xorg.conf.d/bench.conf"
# -r: keys do not repeat. An emulated computer that is held up takes a key's way down and up for a long one.
echo 'exec startx /usr/local/lib/bench-session -- -nolisten tcp -r vt1 > /tmp/session.log 2>&1' > "$tree/home/cashier/.bash_profile"
chroot "$tree" systemctl -q enable bench-agent.service
# The bench logs the person in when the till is installed.
chroot "$tree" systemctl -q disable getty@tty1.service
chroot "$tree" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer \
    systemd-timesyncd.service e2scrub_reap.service
