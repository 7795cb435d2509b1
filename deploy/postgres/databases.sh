#!/bin/sh
# Run once by the image of PostgreSQL, when the volume is empty: a database for each service, and a user
# who owns that one and may not connect to the others.
set -eu

for service in ${HUAJIE_SERVICES:?names of the services}; do
    export SERVICE="$service" # psql reads the password from its file: no command line shows it
    psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
        --set=service="$service" <<'SQL'
\set password `cat "/run/secrets/huajie/$SERVICE.password"`
CREATE ROLE :"service" LOGIN PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
