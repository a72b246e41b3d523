#!/bin/sh -e
# Builds and pushes the image that is named.
docker build --tag "$1" .
docker push "$1"
