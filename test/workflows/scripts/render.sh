#!/bin/sh -e
# Prints the newest task definition of the service with another image in one container.
family=blog-api
if [ "$1" = worker ]; then family=blog-worker; fi
aws ecs describe-task-definition --task-definition "$family" --query taskDefinition |
  jq --arg NAME "$1" --arg IMAGE "$2" '(.containerDefinitions[] | select(.name == $NAME) | .image) = $IMAGE
    | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities, .registeredAt, .registeredBy)'
