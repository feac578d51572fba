"""The probe for guests without systemd: a service of OpenRC or System V init that reports once all others have started.

OpenRC keeps a link for each service that failed or crashed below /run/openrc (librc.c, rc_service_state_names).
System V init keeps nothing of the kind, so there the report says that failures are not known.
"""

from __future__ import annotations

from imagekit.vm.probe import PORT, SCRIPT_PATH

NAME = "imagekit-probe"

_SCRIPT = f"""#!/bin/sh
# One fact a line: a word, a space, the rest. The last line says that nothing is missing.
modprobe virtio_console 2>/dev/null
port=/dev/virtio-ports/{PORT}
tries=0
while [ ! -e "$port" ] && [ $tries -lt 30 ]; do
    for each in /sys/class/virtio-ports/*; do
        [ "$(cat "$each/name" 2>/dev/null)" = {PORT} ] && [ -e "/dev/${{each##*/}}" ] && port=/dev/${{each##*/}}
    done
    [ -e "$port" ] || sleep 1
    tries=$((tries + 1))
done
wait_for_services() {{
@WAIT@
}}
failures() {{
@FAILURES@
}}
report() {{
    failures
    if [ -r /run/cloud-init/result.json ]; then echo "cloud-init $(tr -d '\\n' < /run/cloud-init/result.json)"; fi
    echo "hostname $(uname -n)"
    if [ -r /etc/machine-id ]; then echo "machine-id $(cat /etc/machine-id)"; fi
    echo end
}}
wait_for_services
report > "$port"
sync
poweroff
"""

_OPENRC_WAIT = """\
    count=0
    while [ -n "$(ls /run/openrc/starting 2>/dev/null)" ] && [ $count -lt 300 ]; do
        sleep 1
        count=$((count + 1))
    done"""
_OPENRC_FAILURES = """\
    for each in /run/openrc/failed/* /run/openrc/crashed/*; do
        if [ -e "$each" ] || [ -L "$each" ]; then echo "failed ${each##*/}"; fi
    done"""

OPENRC_SCRIPT = _SCRIPT.replace("@WAIT@", _OPENRC_WAIT).replace("@FAILURES@", _OPENRC_FAILURES)
"""The program for OpenRC."""

SYSV_SCRIPT = _SCRIPT.replace("@WAIT@", "    sleep 5").replace("@FAILURES@", '    echo "failures unknown"')
"""The program for System V init. It starts as the last one, and waits for those that are still on their way."""

OPENRC_SERVICE = f"""#!/sbin/openrc-run

description="report how this clone came up, then power off"

depend() {{
	after *
}}

start() {{
	{SCRIPT_PATH} </dev/null >/dev/null 2>&1 &
}}
"""
"""The service, openrc-run(8): it starts the program and ends, so that the runlevel is reached."""

SYSV_SERVICE = f"""#!/bin/sh
### BEGIN INIT INFO
# Provides:          {NAME}
# Required-Start:    $all
# Required-Stop:
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: report how this clone came up, then power off
### END INIT INFO

case "$1" in
	start) {SCRIPT_PATH} </dev/null >/dev/null 2>&1 & ;;
esac
"""
"""The service for System V init, with the header of the LSB."""
