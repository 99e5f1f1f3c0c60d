#!/bin/sh
# Puts a definition in force in a running gateway, and takes it back when the gateway does not do what it says:
# check, say what changes for callers, apply, verify, roll back. For any CI server, or by hand.
#
#   ENVIRONMENT=prod SALLYPORT_ADMIN_URL=https://gateway.example.com:9443 SALLYPORT_ADMIN_TOKEN=… packaging/ci/deploy.sh
#
# DEFINITION  the definition (sallyport.yaml)
# ACCEPT      dangers of this change that are meant: "limit-looser access-wider:operation orders.list"
# COMMENT     kept in the gateway's history
# CONNECT     where requests to the gateway go, host:port
# REPORTS     folder for JUnit's XML and pages (.)
# SALLYPORT   how it is called (npx sallyport)
#
# Exit codes: 0 it is in force and verified, 1 it is not: nothing was changed, or what was before is in force again.
set -eu

sallyport=${SALLYPORT:-npx sallyport}
definition=${DEFINITION:-sallyport.yaml}
reports=${REPORTS:-.}
field() { node -p "JSON.parse(require('node:fs').readFileSync(0, 'utf8')).configuration.$1"; }

echo "check"
$sallyport check --no-secrets --config "$definition" --env "$ENVIRONMENT"

status=$($sallyport status --json)
before=$(echo "$status" | field id)
hash=$(echo "$status" | field hash)

echo "what changes for callers (configuration $before is in force)"
set --
for danger in ${ACCEPT:-}; do set -- "$@" --accept "$danger"; done
$sallyport promote --config "$definition" --to "$ENVIRONMENT" "$@"

echo "apply"
# Only onto what was looked at: somebody else's change in between is not overwritten.
$sallyport config apply "$definition" --yes --if-match "$hash" --comment "${COMMENT:-deployed by CI}"

echo "verify"
set -- --junit "$reports/verify.xml" --html "$reports/verify.html"
if [ -n "${CONNECT:-}" ]; then set -- "$@" --connect "$CONNECT"; fi
if $sallyport verify --config "$definition" --env "$ENVIRONMENT" "$@"; then
  echo "in force and verified"
  exit 0
fi

echo "the gateway does not do what the definition says: back to configuration $before" >&2
$sallyport config rollback "$before" --yes --comment "verify failed after ${COMMENT:-a deploy by CI}"
exit 1
