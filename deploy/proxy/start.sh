#!/bin/sh
# Tells nginx what differs between engines, the name server and what follows a service's name, and what an
# installation may choose, where `/` leads; then becomes it.
set -eu

servers=$(awk '$1 == "nameserver" { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' /etc/resolv.conf | tr '\n' ' ')
# nginx asks for whole names only: in Kubernetes `intake` is intake.<namespace>.svc.<cluster>.
domain=$(awk '$1 == "search" { for (i = 2; i <= NF; i++) if ($i ~ /\.svc\./) { print "." $i; exit } }' /etc/resolv.conf)
{
    echo "resolver $servers valid=5s;"
    echo "map '' \$domain { default '$domain'; }"
    echo "map '' \$start { default '${START_AT:-/intake/portal}'; }"
} >/tmp/resolver.conf
exec nginx -c /etc/nginx/huajie/nginx.conf -g 'daemon off;'
