#!/bin/sh
# What STEPPE_CLUSTER_BUILD names where the cluster is kind: build.sh FOLDER IMAGE
set -eu
docker build --tag "$2" "$1"
kind load docker-image "$2"
