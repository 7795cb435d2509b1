#!/bin/sh
# Makes sure that the servers and the browser which the tests start privately are installed.
# Quick when all is there; installs them where it may; otherwise says what is missing.
set -eu

missing=""
need() { missing="$missing $1"; }

ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1 || need rabbitmq-server
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
command -v chromium >/dev/null 2>&1 || need chromium
fc-list 2>/dev/null | grep -qiE 'cjk|wenquanyi|source han' || ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || need fonts-noto-cjk
[ -n "$missing" ] || exit 0

say_and_fail() {
    echo "The tests need these system packages, which are not here:$missing" >&2
    echo "Install them (on Debian or Ubuntu: sudo apt-get install$missing) and run it again." >&2
    exit 1
}

command -v apt-get >/dev/null 2>&1 || say_and_fail
if [ "$(id -u)" = 0 ]; then root=""; elif sudo -n true 2>/dev/null; then root="sudo"; else say_and_fail; fi

echo "Installing$missing …"
# The packages would start their servers for the whole machine; ours are started by the tests, privately.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod +x "$policy"
    trap '$root rm -f "$policy"' EXIT
fi
$root apt-get update -qq
# shellcheck disable=SC2086 (a list of packages)
DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $missing >/dev/null || say_and_fail
