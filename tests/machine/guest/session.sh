#!/bin/bash
# What runs at the person's screen: the till, in training.
export LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 WEBKIT_DISABLE_DMABUF_RENDERER=1 WEBKIT_DISABLE_COMPOSITING_MODE=1
export GUITAI_DEMO_DIR=/tmp/demo
mkdir -p "$GUITAI_DEMO_DIR"
cp "$XAUTHORITY" /tmp/xauthority
exec dbus-run-session -- guitai --training > /tmp/till.log 2>&1
