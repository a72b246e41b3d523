import { describe, expect, it } from 'vitest'
import { builtins } from '../../sandbox/github/shell/builtins.ts'
import { search } from '../../sandbox/github/shell/jmespath.ts'
import { runJq } from '../../sandbox/github/shell/jq.ts'
import type { Program } from '../../sandbox/github/shell/program.ts'
import { Shell } from '../../sandbox/github/shell/shell.ts'

const { signal } = new AbortController()
/** A program that prints its arguments and exits with the first one. */
const answer: Program = ({ args, out }) => {
  out(`${args.slice(1).join(' ')}\n`)
  return Number(args[0])
}

/** The output of a script, its status, its files, and its unsupported commands. */
async function run(text: string, variables: Record<string, string> = {}) {
  let printed = ''
  const skipped: string[] = []
  const files = new Map([
    ['/work/task.json', '{"family":"blog-api","revision":43}'],
    ['/work/scripts/ship.sh', '#!/bin/sh\nanswer 3 lost\necho "ships $1 to $2"\nX=1\n'],
    ['/work/scripts/strict.sh', '#!/bin/bash -e\nanswer 3 lost\necho never\n'],
  ])
  const shell = new Shell({
    programs: { ...builtins({ second: 0, signal }), answer },
    variables: new Map(Object.entries({ IMAGE: 'blog-api:abc', SHA: '3f2c1ab9d0', ...variables })),
    files,
    folder: '/work',
    out: (part) => {
      printed += part
    },
    skipped: (command) => skipped.push(command),
    signal,
    options: ['errexit'],
  })
  const status = await shell.run(text)
  return { printed, status, skipped, files }
}

describe('a script', () => {
  it.each<[string, string]>([
    [`echo "image $IMAGE" '$IMAGE' \${SHA}`, 'image blog-api:abc $IMAGE 3f2c1ab9d0\n'],
    ['echo one \\\n  two', 'one two\n'],
    ['A=1; B="$A b"; echo $B', '1 b\n'],
    ['X=$(answer 0 inner); echo "[$X]"', '[inner]\n'],
    [`echo "tag: $(echo \${SHA:0:7})"`, 'tag: 3f2c1ab\n'],
    [`A=a/b/c; echo \${A##*/} \${A#*/} \${A%/*} \${A%%/*}`, 'c b/c a/b a\n'],
    [`echo \${NONE:-else} \${IMAGE:-else} \${#SHA}`, 'else blog-api:abc 10\n'],
    [`echo \${IMAGE/:/@} \${IMAGE//b/B}`, 'blog-api@abc Blog-api:aBc\n'],
    ['if [ "$SHA" = 3f2c1ab9d0 ]; then echo same; else echo other; fi', 'same\n'],
    ['if [ "$SHA" != 0 ] && [ 1 -ne 2 ]; then echo both; fi', 'both\n'],
    ['if [ -z "$NONE" ]; then echo empty; elif true; then echo never; fi', 'empty\n'],
    ['if [[ "$IMAGE" == blog-* && -n "$SHA" ]]; then echo fits; fi', 'fits\n'],
    ['if [[ $SHA =~ ^[0-9a-f]+$ ]]; then echo hex; fi', 'hex\n'],
    ['for e in dev prod; do echo "to $e"; done', 'to dev\nto prod\n'],
    ['n=0; while [ $n -lt 3 ]; do n=$((n + 1)); echo $n; done', '1\n2\n3\n'],
    ['for i in 1 2 3; do if [ $i -eq 2 ]; then break; fi; echo $i; done', '1\n'],
    ['case "$IMAGE" in blog-*) echo blog;; *) echo other;; esac', 'blog\n'],
    ['ship() { echo "ship $1"; }; ship dev', 'ship dev\n'],
    ['printf "%s=%s\\n" a 1 b 2', 'a=1\nb=2\n'],
    ['echo "a\nb\nc" | tail -n 2 | head -n 1', 'b\n'],
    ['jq -r .family task.json', 'blog-api\n'],
    ['cat task.json | jq -c ".revision += 1"', '{"family":"blog-api","revision":44}\n'],
    ['answer 1 lost || echo saved', 'lost\nsaved\n'],
    ['cat <<EOF\nimage: $IMAGE\nEOF', 'image: blog-api:abc\n'],
    ["cat <<'EOF'\nimage: $IMAGE\nEOF", 'image: $IMAGE\n'],
    ['(cd elsewhere; X=1); echo "[$X]"', '[]\n'],
    ['./scripts/ship.sh api "$SHA"; echo "[$X]"', 'lost\nships api to 3f2c1ab9d0\n[]\n'],
    ['cd scripts; sh ship.sh api prod > out.txt; tail -n 1 out.txt', 'ships api to prod\n'],
    ['./scripts/strict.sh || echo "it failed"', 'lost\nit failed\n'],
    ['D=$(date -u +%Y%m%d%H%M); [[ $D =~ ^20[0-9]{10}$ ]] && echo dated', 'dated\n'],
    ['# a comment\necho a # another', 'a\n'],
    ['echo to-error >&2; echo gone > /dev/null', 'to-error\n'],
  ])('the script %s prints its output', async (text, printed) => {
    expect(await run(text)).toMatchObject({ printed, status: 0, skipped: [] })
  })

  it.each<[string, number, string]>([
    ['echo a; exit 3; echo b', 3, 'a\n'],
    ['answer 2 a; echo b', 2, 'a\n'],
    ['X=$(answer 4); echo b', 4, ''],
    ['set +e; answer 2 a; echo b', 0, 'a\nb\n'],
    ['answer 2 a | cat; echo b', 0, 'a\nb\n'],
    ['set -o pipefail; answer 2 a | cat; echo b', 2, 'a\n'],
    ['if answer 1; then echo yes; else echo no; fi', 0, '\nno\n'],
    ['! answer 0; echo b', 0, '\nb\n'],
    ['set -u; echo "$NONE"; echo b', 1, 'NONE: unbound variable\n'],
    [`echo \${NONE:?is missing}; echo b`, 1, 'NONE: is missing\n'],
  ])('the script %s exits with %i', async (text, status, printed) => {
    expect(await run(text)).toMatchObject({ status, printed })
  })

  it('a script overwrites files and appends to them', async () => {
    const { files } = await run('echo a > f; echo b >> f; jq .family task.json > g; echo "k=v" >> "$OUT"', {
      OUT: '/out',
    })
    expect([files.get('/work/f'), files.get('/work/g'), files.get('/out')]).toEqual([
      'a\nb\n',
      '"blog-api"\n',
      'k=v\n',
    ])
  })

  it('a script skips unknown programs, names them in the log, and continues', async () => {
    expect(await run('npm ci\nX=$(terraform output -raw url)\necho "done $X"')).toMatchObject({
      status: 0,
      printed: 'done \n',
      skipped: ['npm ci', 'terraform output -raw url'],
    })
  })

  it('a script with arrays cannot be parsed', async () => {
    await expect(run('tags=(a b)')).rejects.toThrow(SyntaxError)
  })
})

describe('jq', () => {
  const definition = {
    taskDefinitionArn: 'arn',
    revision: 43,
    containerDefinitions: [
      { name: 'api', image: 'old' },
      { name: 'agent', image: 'agent:1' },
    ],
  }
  const changed = {
    containerDefinitions: [{ name: 'api', image: 'new' }, definition.containerDefinitions[1]],
  }

  it.each<[string, unknown]>([
    ['.containerDefinitions[0].image = $image | del(.taskDefinitionArn, .revision)', changed],
    [
      'del(.revision) | del(.taskDefinitionArn) | (.containerDefinitions[] | select(.name == "api") | .image) |= $image',
      changed,
    ],
    [
      '{containerDefinitions: (.containerDefinitions | map(if .name == "api" then .image = $image else . end))}',
      changed,
    ],
    ['.containerDefinitions[1].name', 'agent'],
    ['[.containerDefinitions[].name] | join(",")', 'api,agent'],
    ['.nothing // "else"', 'else'],
    ['"r\\(.revision)"', 'r43'],
    ['.tags = [{key: "k", value: $image}] | .tags[0].value', 'new'],
    ['.containerDefinitions | length', 2],
    ['.containerDefinitions[0] | keys', ['image', 'name']],
    ['.containerDefinitions[0] | with_entries(select(.key != "image"))', { name: 'api' }],
  ])('the jq filter %s has its output', (filter, made) => {
    expect(runJq(filter, definition, { image: 'new' })).toEqual([made])
  })

  it.each(['reduce .[] as $x (0; . + $x)', 'def f: 1; f', 'unknown(1)', '.a |'])(
    'the query %s is refused',
    (filter) => {
      expect(() => runJq(filter, [1], {})).toThrow(SyntaxError)
    },
  )
})

describe('a query of the AWS command line', () => {
  const answered = {
    services: [
      {
        taskDefinition: 'blog-api:43',
        deployments: [
          { id: 'a', status: 'PRIMARY', failedTasks: 0 },
          { id: 'b', status: 'ACTIVE', failedTasks: 2 },
        ],
      },
    ],
    tasks: [{ containers: [{ name: 'migrate', exitCode: 0 }, { name: 'agent' }] }],
  }

  it.each<[string, unknown]>([
    ['services[0].taskDefinition', 'blog-api:43'],
    ["services[0].deployments[?status=='PRIMARY'].id | [0]", 'a'],
    ['services[0].deployments[?failedTasks>`0`].id', ['b']],
    ["tasks[0].containers[?name=='migrate'].exitCode", [0]],
    ['tasks[].containers[].exitCode', [0]],
    ['tasks[0].containers[1].exitCode', null],
    ['tasks[*].containers[*].name', [['migrate', 'agent']]],
    [
      'services[0].deployments[*].[id, status]',
      [
        ['a', 'PRIMARY'],
        ['b', 'ACTIVE'],
      ],
    ],
    ['services[0].deployments[-1].{Id: id}', { Id: 'b' }],
    ['length(services[0].deployments)', 2],
    ['nothing.here', null],
  ])('the JMESPath query %s has its result', (query, found) => {
    expect(search(query, answered)).toEqual(found)
  })

  it.each(['services[', 'a b', '[?a'])('the query %s is refused', (query) => {
    expect(() => search(query, answered)).toThrow(SyntaxError)
  })
})
