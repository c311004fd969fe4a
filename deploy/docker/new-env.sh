#!/bin/sh
# Prints the secrets of a new installation with docker-compose.yml:
#   (umask 077 && sh deploy/docker/new-env.sh > .env)
set -eu

secret() {
  od -An -tx1 -N32 /dev/urandom | tr -d ' \n'
}

cat << ENV
POSTGRES_PASSWORD=$(secret)
REDIS_PASSWORD=$(secret)
REDIS_RUNNER_PASSWORD=$(secret)
MILLRACE_KEY_PEPPER=$(secret)
MILLRACE_JOIN_TOKEN=
ENV
