#!/bin/sh
# Makes sure that the system has what the tests start: RabbitMQ, PostgreSQL, nginx, Chromium,
# LibreOffice Writer, ClamAV's scanner and a Chinese font.
# Installs what is missing with apt-get where it may, and starts no service; elsewhere says what to install.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
what=${1:-tests}

has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null; }

has_postgresql() {
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        if [ -x "$initdb" ]; then return 0; fi
    done
    command -v initdb >/dev/null
}

has_chromium() {
    for browser in chromium chromium-browser google-chrome; do
        if command -v "$browser" >/dev/null; then return 0; fi
    done
    return 1
}

has_font() {
    if command -v fc-list >/dev/null; then [ -n "$(fc-list :lang=zh-cn family)" ]; return; fi
    [ -n "$(find /usr/share/fonts -iname '*cjk*' 2>/dev/null | head -n 1)" ]
}

has_libreoffice() { command -v soffice >/dev/null || command -v libreoffice >/dev/null; }

has_clamd() { command -v clamd >/dev/null; }

has_nginx() { command -v nginx >/dev/null; }

# Debian's names of the packages that are missing
missing() {
    has_rabbitmq || echo rabbitmq-server
    has_postgresql || echo postgresql
    has_nginx || echo nginx-light
    has_chromium || echo chromium
    has_libreoffice || echo libreoffice-writer-nogui
    has_clamd || echo clamav-daemon
    has_font || echo fonts-noto-cjk
    if [ "$what" = containers ]; then missing_engine; fi
}

# What `make containers` needs beside
missing_engine() {
    for program in podman buildah runc debootstrap ip; do
        command -v "$program" >/dev/null || echo "$program" | sed 's/^ip$/iproute2/'
    done
    for package in netavark aardvark-dns; do
        [ -x "/usr/lib/podman/$package" ] || echo "$package"
    done
    command -v catatonit >/dev/null || echo catatonit
    command -v iptables >/dev/null || echo iptables
    command -v newuidmap >/dev/null || echo uidmap
}

explain() {
    {
        echo "The tests need what this system lacks: $(echo $lacking)"
        echo "$1"
        echo "Debian, Ubuntu:  apt-get install --no-install-recommends $(echo $lacking)"
        echo "Elsewhere, install RabbitMQ 3.10 or newer, PostgreSQL's server programs (initdb on PATH),"
        echo "nginx, Chromium, LibreOffice Writer and clamd (all on PATH), a Chinese font. \`make quick\` needs none of them."
    } >&2
    exit 1
}

lacking=$(missing)
if [ -z "$lacking" ]; then exit 0; fi
if ! command -v apt-get >/dev/null; then explain "It has no apt-get, so they are not installed for you."; fi
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then exec sudo -n sh "$0" "$what"; fi
    explain "Only root may install them: run \`sh deploy/system-packages.sh\` as root, once."
fi

# A Debian package's service is started on installation unless this file says 101: forbidden.
policy=/usr/sbin/policy-rc.d
saved=$policy.before-huajie
restore() {
    rm -f "$policy"
    if [ -e "$saved" ]; then mv "$saved" "$policy"; fi
}
trap restore EXIT
trap 'exit 1' HUP INT TERM
# a copy that is there already is from a run that was killed: it is the right one
if [ -e "$policy" ] && [ ! -e "$saved" ]; then mv "$policy" "$saved"; fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

echo "Installing with apt-get, without starting services: $(echo $lacking)"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || echo "apt-get update failed; trying with the lists that are here" >&2
apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $lacking ||
    explain "apt-get could not install them; its message is above."
lacking=$(missing)
if [ -n "$lacking" ]; then explain "apt-get installed the packages, yet these programs are not found."; fi
