#!/bin/sh
# What the official image does on an empty volume: initdb, the scripts, then the server.
set -eu

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086 # several options
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --encoding=UTF8 --locale=C.UTF-8 \
        ${POSTGRES_INITDB_ARGS:-}
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    pg_ctl -w start -o "-c listen_addresses=''"
    for script in /docker-entrypoint-initdb.d/*.sh; do
        # The official image runs those that may be executed and takes in the others.
        if [ -x "$script" ]; then "$script"; else . "$script"; fi
    done
    pg_ctl -w -m fast stop
fi
exec "$@" -c listen_addresses='*'
