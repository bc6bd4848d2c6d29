#!/bin/bash
# gadget NAME acm|hid VENDOR PRODUCT TITLE [DESCRIPTOR]   a USB device of this machine's own making, plugged into itself
# gadget NAME out                                         pulls its plug
# gadget NAME in                                          plugs it in again
set -eu
name=$1
all=/sys/kernel/config/usb_gadget
it=$all/$name
case $2 in
out) echo > "$it/UDC" ;;
in) ls /sys/class/udc | sort > /tmp/udcs; taken=$(cat $all/*/UDC); grep -vxF "$taken" /tmp/udcs | head -n 1 > "$it/UDC" ;;
acm | hid)
    mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
    modprobe -q dummy_hcd num=4
    modprobe libcomposite
    kind=$2
    mkdir -p "$it/strings/0x409" "$it/functions/$kind.$name" "$it/configs/c.1"
    echo "$3" > "$it/idVendor"
    echo "$4" > "$it/idProduct"
    echo "Bench" > "$it/strings/0x409/manufacturer"
    echo "$5" > "$it/strings/0x409/product"
    echo "0001" > "$it/strings/0x409/serialnumber"
    if [ "$kind" = hid ]; then
        printf %b "$6" > "$it/functions/hid.$name/report_desc"
        echo 64 > "$it/functions/hid.$name/report_length"
    fi
    ln -s "$it/functions/$kind.$name" "$it/configs/c.1"
    ;;
esac
