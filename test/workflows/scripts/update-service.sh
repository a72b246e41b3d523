#!/bin/sh -e
# Registers a task definition, from a file or with an image alone, and updates the service to it.
case "$3" in
  *.json) definition=$(cat "$3") ;;
  *) definition=$(./scripts/render.sh api "$3") ;;
esac
revision=$(aws ecs register-task-definition --cli-input-json "$definition" \
  --query taskDefinition.taskDefinitionArn --output text)
aws ecs update-service --cluster "$1" --service "$2" --task-definition "$revision" > /dev/null
