#!/bin/sh
# What the image is made of, as plain steps: the Dockerfile runs them, and so does `make check-deploy`
# where no container engine is.
#   build.sh program TARGET [PROFILE]   Kibble in an environment of its own at TARGET/venv: embedded,
#                                       distributed, or extras (both, with AWS, Stripe, SMTP and the like)
#   build.sh pages TARGET                            the storefront's builds at TARGET/pages
set -eu
what=$1 target=$2 profile=${3:-embedded}
cd "$(dirname "$0")/../.."

program() {
    case $profile in
        embedded) lock=requirements.lock ;;
        distributed) lock=requirements-distributed.lock ;;
        extras) lock=requirements-extras.lock ;;
        *) echo "there is no profile $profile" >&2; exit 2 ;;
    esac
    python=$(tools/find-python)
    "$python" -m venv "$target/venv"
    pip="$target/venv/bin/python -m pip --quiet --disable-pip-version-check"
    $pip install --no-compile --no-deps --require-hashes --requirement "$lock"
    $pip install --no-compile --no-deps --no-build-isolation .
    # What only made the environment has no place in it.
    $pip uninstall --yes pip hatchling pathspec pluggy trove-classifiers
    "$target/venv/bin/python" -m compileall -q "$target/venv/lib" || true
}

pages() {
    make storefront
    mkdir -p "$target"
    cp -R storefront/dist "$target/pages"
}

"$what"
