#!/bin/sh
# Install the programs that the integration tests start, where that is allowed: root, with apt.
# Otherwise say which are missing: their tests are skipped, and pytest lists them.
# APT=no installs nothing.
set -u

# program (or alternatives, by commas) | Debian package | what is left out without it
tools() {
    cat <<'TABLE'
nginx|nginx-light|tests behind nginx
/usr/lib/iipimage-server/iipsrv.fcgi|iipimage-server|comparisons with iipsrv
memcached|memcached|tests with memcached
spawn-fcgi|spawn-fcgi|tests of iipsrv.fcgi under spawn-fcgi
apache2|apache2-bin|tests behind Apache
/usr/lib/apache2/modules/mod_fcgid.so|libapache2-mod-fcgid|tests of iipsrv.fcgi under Apache
lighttpd|lighttpd|tests behind and under lighttpd
systemd-analyze|systemd|judgements of the systemd units
logrotate|logrotate|tests of the rotation of logs
groff|groff-base|judgements of the manual pages
file|file|the IIIF validator, which needs its libmagic
chromium,chromium-browser,google-chrome|chromium|tests of the page in a browser
firefox-esr,firefox|firefox-esr|tests of the page in a second browser
TABLE
}

present() {
    for program in $(echo "$1" | tr ',' ' '); do
        case $program in /*) [ -e "$program" ] && return 0 ;; esac # a module is no command
        PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 && return 0
    done
    return 1
}

missing_packages() {
    tools | while IFS='|' read -r programs package _; do
        present "$programs" || echo "$package"
    done
}

# The packages hold services. policy-rc.d is Debian's way to say that none is to be started by
# its installation: they would take ports. The tests start their own, on free ports.
forbid_services() {
    [ -e /usr/sbin/policy-rc.d ] && return 0
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
}

# One package at a time: one that this distribution does not have stops no other.
install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    forbid_services
    apt-get update -qq </dev/null >/dev/null 2>&1
    for package in $1; do
        echo "Installing $package for the tests."
        apt-get install -qq -y --no-install-recommends "$package" </dev/null >/dev/null 2>&1 ||
            echo "apt cannot install $package."
    done
}

missing=$(missing_packages)
if [ -n "$missing" ] && [ "${APT:-yes}" != no ] && [ "$(id -u)" = 0 ] &&
    command -v apt-get >/dev/null 2>&1; then
    install_packages "$missing"
fi

tools | while IFS='|' read -r programs package tests; do
    present "$programs" || echo "NOT HERE: $package. Left out: $tests."
done
exit 0
