import { describe, expect, test } from 'vitest'
import { gitHubForEach, repository } from './harness.ts'
import {
  approved,
  brought,
  checkout,
  composite,
  full,
  job,
  ofTip,
  on,
  Sources,
  takingNone,
  takingSha,
} from './sources.ts'

const harness = gitHubForEach()
const { of: sources, object } = new Sources(harness)

const files = {
  'ci/ship.sh': 'echo\n',
  'ci/y/action.yml': composite('uses: evil/ship@main'),
  '.github/actions/pull/action.yml': composite('{ shell: bash, run: git pull }'),
}
const script = 'run: ./ci/ship.sh'
const braced = (name: string) => `\${${name}}`

describe('files that a script brings by git', () => {
  test.each([
    ['git fetch origin main && git checkout FETCH_HEAD', 'FETCH_HEAD'],
    ['git checkout origin/main -- ci', 'origin/main'],
    ['git checkout -f -B work origin/main', 'origin/main'],
    ['git switch --detach origin/main', 'origin/main'],
    ['git pull', 'files from git pull'],
    ['git pull --rebase origin main', 'main'],
    ['git reset --hard origin/$GITHUB_REF_NAME', 'origin/$GITHUB_REF_NAME'],
    ['git merge --no-edit origin/main', 'origin/main'],
    ['git rebase --onto main origin/main', 'origin/main'],
    ['git restore --source=origin/main .', 'origin/main'],
    ['git show origin/main:ci/ship.sh | sh', 'origin/main'],
    ['git archive --format tar origin/main | tar x', 'origin/main'],
    ['git worktree add ../main origin/main', 'origin/main'],
    ['git submodule update --init --remote', 'files from git submodule'],
    ['gh pr checkout 12', 'files from gh pr checkout'],
    ['git checkout "$(cat ref)"', '$(cat ref)'],
    [`git checkout ${braced('REF')}`, '$REF'],
    [`git checkout ${on('steps.pick.outputs.ref')}`, 'files from git checkout'],
    ['if ! git diff --quiet; then sudo git -c a=b checkout main; fi', 'main'],
    ['cd ci; git -C .. checkout main', 'main'],
    ['cd $SOMEWHERE && git checkout main', 'main'],
    ['(cd tools && make); git checkout main', 'main'],
    ['bash -ec "git fetch && git checkout main"', 'main'],
    ["eval 'git checkout main'", 'main'],
    ['# it is not\ngit checkout main', 'main'],
    ["cat > x <<END\nit's\nEND\ngit checkout main", 'main'],
    ['git \\\n  checkout \\\n  main', 'main'],
    ['bash <<END\ngit checkout main\nEND', 'main'],
    ['cat <<END\ngit pull\nEND\ngit checkout main', 'main'],
    ['timeout 5 bash -c "git checkout main"', 'main'],
    ['sudo -u app sh -c "git checkout main"', 'main'],
    ['bash <<< "git checkout main"', 'main'],
    ['echo "$(git checkout main)"', 'main'],
    ['echo "it is $(cd ci; git -C .. checkout "main")"', 'main'],
    ['echo "it is `git checkout main`"', 'main'],
    ['echo "$( (git checkout main) && echo ")" )"', 'main'],
    ['echo "`n"; git checkout main', 'main'],
    ['echo main | xargs git checkout', 'files from git checkout'],
    ['git fetch origin && git update-ref HEAD FETCH_HEAD && git reset --hard', 'FETCH_HEAD'],
    ['git update-ref -m x refs/heads/main origin/main && git reset --hard', 'origin/main'],
    ['git update-ref --stdin < refs', 'files from git update-ref'],
    ['git symbolic-ref HEAD refs/remotes/origin/main; git reset --hard', 'refs/remotes/origin/main'],
    ['git bisect start origin/main HEAD', 'files from git bisect'],
    ['git fetch -u origin main:release && git reset --hard', 'files from git fetch'],
    ['git revert --no-edit abc', 'abc'],
    ['curl https://x | git apply', 'files from git apply'],
    ['curl https://x | git am -', 'files from git am'],
    ['git checkout `git rev-parse origin/main`', '`git rev-parse origin/main`'],
    ['git reset --hard `git rev-parse FETCH_HEAD`', '`git rev-parse FETCH_HEAD`'],
    ['git checkout -f "`git describe --tags`"', '`git describe --tags`'],
    ['git checkout `cat ref', '`'],
    ['git checkout v`cat \\`echo ref\\``', 'v`cat \\`echo ref\\``'],
    ['git checkout $(git rev-parse origin/main)', '$(git rev-parse origin/main)'],
    ['git -C `pwd` checkout main', 'main'],
    ['git -C $(git rev-parse --show-toplevel) checkout main', 'main'],
    ['echo `git checkout main`', 'main'],
    ['make `# as it is on main` && git checkout main', 'main'],
    ['X=$(case $A in a) echo b;; c|d) git checkout main;; esac)', 'main'],
    ['git restore -sorigin/main .', 'origin/main'],
    ['git restore -SWs origin/main .', 'origin/main'],
    ['git cat-file -p origin/main:ci/ship.sh | sh', 'origin/main'],
    ['git cat-file blob origin/main:ci/ship.sh > ci/ship.sh', 'origin/main'],
    ['git cat-file --batch < names > ci/ship.sh', 'files from git cat-file'],
    ['git stash branch work', 'files from git stash'],
    ['git diff HEAD origin/main | patch -p1', 'files from patch'],
    ['git diff HEAD origin/main | (cd ci && patch -d .. -p 1)', 'files from patch'],
    ['trap "git checkout main" EXIT', 'main'],
    ['su app -c "git checkout main"', 'main'],
  ])('%j replaces the approved commit', async (run, ref) => {
    const step = `run: ${JSON.stringify(run)}`
    expect(await sources(`${takingSha}\n${job(approved, step, 'uses: ./ci/y', script)}`, files)).toEqual({
      paths: [],
      notes: [{ note: 'not-bound', uses: ['evil/ship@main'] }, brought(ref)],
    })
  })

  test.each([
    'git fetch origin main && git merge-base --is-ancestor "$SHA" origin/main',
    'git checkout "$SHA" && git reset --hard',
    `git checkout ${braced('SHA')}`,
    `git checkout ${on('inputs.sha')}`,
    'git checkout -b release && git checkout -b `date +%s`',
    'git restore -SW . && git restore -- -smain',
    'git cat-file -e origin/main:ci/ship.sh && git cat-file -t origin/main:ci && git cat-file -p HEAD:ci',
    'git stash && git stash pop && patch -p1 < fix.patch && patch -p1 -i fix.patch',
    'trap cleanup EXIT && trap - EXIT && su app -c "git log"',
    'git checkout -- ci && git checkout . && git checkout package-lock.json',
    'git switch -c release',
    'git show -s --format=%ct HEAD && git log -1 && git archive -o x.tar HEAD~1',
    'git reset HEAD~1 && git rebase --abort',
    'git submodule update --init --recursive && git lfs pull',
    'git commit -am "git checkout main; git pull" && git push',
    'echo git checkout main',
    'echo bash -c "git checkout main"',
    "echo '$(git checkout main)'",
    'echo "\\$(git checkout main) \\`git pull\\`"',
    'ssh host bash -c "git checkout main"',
    'echo "$SHA" | xargs git log && xargs git checkout -- < files',
    'git symbolic-ref --short HEAD && git update-ref -d refs/heads/old && git update-ref refs/notes/x main',
    'git bisect log && git bisect reset && git apply fix.patch && git am --abort && git fetch -p',
    '# git checkout main',
    'ssh host "cd app && git pull"',
    'ssh host bash <<-"END"\n\tgit pull\n\tEND',
  ])('%j brings no other commit than the approved one', async (run) => {
    const step = `run: ${JSON.stringify(run)}`
    const text = `${takingSha}\nenv: { SHA: "${on('inputs.sha')}" }`
    expect(await sources(`${text}\n${job(approved, step, script)}`, files)).toEqual({ paths: [], notes: [] })
  })

  test.each([
    ['that the script sets', 'run: "SHA=main; git checkout $SHA"'],
    ['that the step sets', '{ run: git checkout $SHA, env: { SHA: main } }'],
    ['that an expression may set', `{ run: git checkout $SHA, env: "${on('fromJSON(vars.X)')}" }`],
    ['by another case', 'run: git checkout $sha'],
  ])('a variable is not the approved commit %s', async (_, step) => {
    const text = `${takingSha}\nenv: { SHA: "${on('inputs.sha')}" }`
    const { notes } = await sources(`${text}\n${job(approved, step)}`)
    expect(notes).toEqual([brought(expect.any(String))])
  })

  test('a variable that an earlier step may have set is not the approved commit', async () => {
    const text = `${takingSha}\nenv: { SHA: "${on('inputs.sha')}" }`
    const { notes } = await sources(`${text}\n${job(approved, 'run: make', 'run: git checkout $SHA')}`)
    expect(notes).toEqual([brought('$SHA')])
  })

  test('the run’s own commit is the tip, or the approved commit if the run must start on it', async () => {
    for (const run of ['git checkout $GITHUB_SHA', `git checkout ${on('github.sha')}`]) {
      const tip = await sources(`${takingSha}\n${job(approved, `run: ${run}`, script)}`, files)
      expect(tip.notes).toEqual([ofTip()])
      expect(tip.paths).toEqual([{ path: 'ci/ship.sh', sha: object('ci/ship.sh') }])
      expect((await sources(`${takingNone}\n${job(checkout, `run: ${run}`)}`)).notes).toEqual([])
    }
  })

  test('an action of the repository may also replace the approved commit', async () => {
    const { notes } = await sources(`${takingSha}\n${job(approved, 'uses: ./.github/actions/pull')}`, files)
    expect(notes).toEqual([brought('files from git pull')])
  })

  test('a later checkout of the approved commit restores it', async () => {
    const { paths, notes } = await sources(
      `${takingSha}\n${job(approved, 'run: git pull', approved, 'uses: ./ci/y')}`,
      files,
    )
    expect(paths).toEqual([])
    expect(notes).toContainEqual(brought('files from git pull'))
  })

  test.each([
    ['git clone https://github.com/evil/x.git', 'evil/x', 'its default branch'],
    ['git clone -b v1 --depth 1 https://x-access-token:$TOKEN@github.com/evil/x', 'evil/x', 'v1'],
    ['git clone git@github.com:evil/x.git /tmp/x', 'evil/x', 'its default branch'],
    ['cd $RUNNER_TEMP && git clone --branch=v2 https://evil.example/x.git', 'evil.example/x', 'v2'],
    ['gh repo clone evil/x', 'evil/x', 'its default branch'],
  ])('%j brings files of another repository', async (run, from, ref) => {
    const moves = 'cd x && git checkout v3 && git pull'
    const steps = [approved, `run: ${run}`, `run: ${moves}`, script]
    const text = `${takingSha}\n${job(...(run.includes('/tmp') || run.includes('TEMP') ? steps.toSpliced(2, 1) : steps))}`
    expect(await sources(text, files)).toEqual({ paths: [], notes: [brought(ref, from)] })
  })

  test('notes a git pull in a checkout of another repository at a full commit', async () => {
    const other = `{ uses: actions/checkout@${full}, with: { repository: myorg/tools, ref: ${full}, path: tools } }`
    const pull = '{ run: git pull, working-directory: tools }'
    expect((await sources(`${takingSha}\n${job(approved, other, pull)}`)).notes).toEqual([
      brought('files from git pull', 'myorg/tools'),
    ])
  })

  test.each(['', '/', '.git', '.git/'])(
    'a clone into the workspace may be of the repository itself%s',
    async (end) => {
      const clone = `run: git clone https://github.com/${repository}${end} .`
      const { notes } = await sources(`${takingSha}\n${job(clone, 'uses: ./ci/y')}`, files)
      expect(notes).toEqual([{ note: 'not-bound', uses: ['evil/ship@main'] }, brought('its default branch')])
    },
  )
})

describe('checkouts by other actions', () => {
  test.each([`taiki-e/checkout-action@${full}`, `myorg/ci/git-clone@${full}`])(
    '%s is noted as an unknown checkout',
    async (uses) => {
      const step = `{ uses: ${uses}, with: { ref: "${on('inputs.sha')}" } }`
      const { notes } = await sources(`${takingSha}\n${job(step, 'uses: ./ci/y')}`, files)
      expect(notes).toEqual([
        { note: 'not-bound', uses: ['evil/ship@main'] },
        brought(`files from ${uses.split('@')[0]}`),
      ])
    },
  )

  test('an action of the repository with a checkout-like name is read instead', async () => {
    const { notes } = await sources(
      `${takingSha}\n${job('uses: $/.github/actions/checkout', 'uses: ./ci/y')}`,
      {
        ...files,
        '.github/actions/checkout/action.yml': composite(
          `{ uses: actions/checkout@${full}, with: { ref: "${on('inputs.sha')}" } }`,
        ),
      },
    )
    expect(notes).toMatchObject([
      { note: 'not-bound' },
      { note: 'checkout-not-bound', ref: on('inputs.sha') },
    ])
  })
})

describe('the build context of an image', () => {
  const build = (given: string, uses = `docker/build-push-action@${full}`) =>
    `{ uses: ${uses}, with: { ${given} } }`
  const own = `https://github.com/${repository}.git`

  test.each([
    ['by default', 'push: true'],
    ['by default, of a folder', 'context: "{{defaultContext}}:api"'],
    ['by default, by bake', 'push: true', `docker/bake-action@${full}`],
    ['by default, by a newer bake', 'push: true', 'docker/bake-action@v6'],
  ])(
    '%s an image is built from the commit that the run starts on, whatever is checked out',
    async (_, given, uses?: string) => {
      const { notes } = await sources(`${takingSha}\n${job(approved, build(given, uses))}`)
      expect(notes).toContainEqual(ofTip())
      const none = await sources(`${takingNone}\n${job(checkout, build(given, uses))}`)
      expect(none.notes.filter(({ note }) => note === 'checkout-not-bound')).toEqual([])
    },
  )

  test.each([
    ['a folder', 'context: .'],
    ['a folder that is known only in the run', `context: "${on('matrix.folder')}"`],
    ['the commit of the repository', `context: "${own}#${on('inputs.sha')}"`],
    ['a full commit of another one', `context: "https://github.com/evil/x.git#${full}:api"`],
    ['a folder, by bake', 'source: ./api', `docker/bake-action@${full}`],
  ])('%s as build context is bound, or stays as it was checked out', async (_, given, uses?: string) => {
    expect((await sources(`${takingSha}\n${job(approved, build(given, uses))}`)).notes).toEqual([])
  })

  test.each([
    ['a branch of the repository', `${own}#main`, repository, 'main'],
    ['the repository', own, repository, 'its default branch'],
    ['another repository', 'https://github.com/evil/x.git#v1:api', 'evil/x', 'v1'],
    ['another repository by its key', 'git@github.com:evil/x.git', 'evil/x', 'its default branch'],
  ])('%s as build context is noted', async (_, context, from, ref) => {
    const { notes } = await sources(`${takingSha}\n${job(approved, build(`context: "${context}"`))}`)
    expect(notes).toEqual([brought(ref, from)])
  })
})

describe('a checkout that runs beside other steps', () => {
  test.each<[string, readonly string[]]>([
    ['the tip may come after the commit', [`{ ${checkout}, background: true }`, approved, script]],
    [
      'the commit may come after the script',
      [checkout, approved.replace(/ }$/, ', background: true }'), script],
    ],
    ['both come at the same time', [`parallel: [{ ${checkout} }, ${approved}]`, script]],
  ])('does not bind the files if %s', async (_, steps) => {
    expect(await sources(`${takingSha}\n${job(...steps)}`, files)).toEqual({
      paths: [{ path: 'ci/ship.sh', sha: object('ci/ship.sh') }],
      notes: [ofTip()],
    })
  })
})
