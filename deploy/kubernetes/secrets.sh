#!/bin/sh
# Prints the Secrets that the manifests name, from the folders that `huajie secrets` made:
#   huajie secrets secrets --host petitions.example --database postgres-rw:5432
#   sh deploy/kubernetes/secrets.sh secrets | kubectl apply -f -
set -eu

directory=${1:?the folder that \`huajie secrets\` made}
namespace=${2:-huajie}

secret() {
    echo ---
    kubectl create secret "$@" --namespace="$namespace" --dry-run=client --output=yaml
}

for service in intake assignment supervision notify reporting; do
    secret generic "$service" --from-file="$directory/$service"
    secret generic "postgres-$service" --type=kubernetes.io/basic-auth --from-literal=username="$service" \
        --from-file=password="$directory/postgres/$service.password"
done
secret generic proxy --from-file="$directory/proxy"
secret generic rabbitmq-definitions --from-file="$directory/rabbitmq"
