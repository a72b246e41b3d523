import { z } from 'zod'
import { type GitHub, Trouble } from '../ports/ports.ts'
import type { Answer } from '../release/answer.ts'
import { type Client, ownerAndName, type Posted } from './client.ts'
import { environmentExists } from './environment.ts'
import { fileAt } from './file.ts'
import { Tree } from './tree.ts'
import { explain, limitEnd } from './trouble.ts'
import { readTrigger } from './workflow-file.ts'

type Ask = Parameters<GitHub['showDeployment']>[0]
type ShownAnswer = Extract<Answer, { to: 'show-deployment' }>

/** GitHub's `task`, so that a workflow which listens to deployments can tell it from a deploy. */
const task = 'rollback'

/** How many deployments of the commit there are read: the newest. */
const mostDeployments = 30

/** OpenAPI `deployment`, `deployment-status`. */
const recordedShape = z.object({ id: z.number(), description: z.string().nullish() })
const statusesShape = z.array(z.object({ state: z.string() }))

/**
 * Records a deployment and that it succeeded. Both are looked for first, by the release id in the description, so a crash
 * between the two makes no second deployment. Does not throw.
 */
export async function showDeployment(client: Client, ask: Ask): Promise<ShownAnswer> {
  try {
    // GitHub would create an environment that it does not have, and show it to a team that uses none.
    if (!(await environmentExists(client, ask)))
      return answer('refused', `GitHub has no environment ${ask.environment} in ${ask.repository}`)
    const known = await recordOf(client, ask)
    if (known === undefined) {
      const workflow = await startedByDeployments(client, ask)
      if (workflow !== null)
        return answer('refused', `${workflow} starts on deployments, so a record could deploy something`)
      return await recordNew(client, ask)
    }
    if (await isSuccess(client, ask, known)) return answer('shown', 'GitHub has it already')
    return statusAnswer(await postSuccess(client, ask, known))
  } catch (error) {
    const isTerminal = error instanceof Trouble && error.kind === 'terminal'
    return answer(isTerminal ? 'refused' : 'unclear', error instanceof Error ? error.message : String(error))
  }
}

/** How many workflow files are looked at. A repository with more gets no record. */
const mostWorkflows = 50

/**
 * A workflow of the commit that would start on the record, or the reason why there may be one; null: there is none. Source:
 * docs.github.com, events that trigger workflows: `deployment`, `deployment_status`.
 */
async function startedByDeployments(client: Client, { repository, commit }: Ask): Promise<string | null> {
  const tree = new Tree(client, repository, commit)
  for (const pattern of ['.github/workflows/*.yml', '.github/workflows/*.yaml']) {
    const paths = await tree.fitting(pattern, Number.POSITIVE_INFINITY)
    if (paths === null || paths.length > mostWorkflows) return 'a workflow that twokey did not read'
    for (const path of paths) {
      const text = await fileAt(client, { repository, path, sha: commit })
      const trigger = readTrigger(text ?? '')
      const events = trigger.trigger === 'unreadable' ? ['deployment'] : Object.keys(trigger.events)
      if (events.some((event) => event === 'deployment' || event === 'deployment_status')) return path
    }
  }
  return null
}

async function recordOf(
  client: Client,
  { repository, environment, commit, release }: Ask,
): Promise<number | undefined> {
  const deployments = await client.read({
    route: 'GET /repos/{owner}/{repo}/deployments',
    parameters: {
      ...ownerAndName(repository),
      environment,
      sha: commit,
      task,
      per_page: mostDeployments,
    },
    shape: z.array(recordedShape),
  })
  return deployments.find(({ description }) => description?.endsWith(`(release ${release})`))?.id
}

async function isSuccess(client: Client, { repository }: Ask, id: number): Promise<boolean> {
  const statuses = await client.read({
    route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    parameters: { ...ownerAndName(repository), deployment_id: id },
    shape: statusesShape,
  })
  return statuses.some(({ state }) => state === 'success')
}

async function recordNew(client: Client, ask: Ask): Promise<ShownAnswer> {
  const { repository, environment, commit, release, description, maySend } = ask
  const posted = await client.post(
    'POST /repos/{owner}/{repo}/deployments',
    {
      ...ownerAndName(repository),
      ref: commit,
      task,
      environment,
      description,
      payload: { twokeyRelease: release },
      auto_merge: false,
      required_contexts: [],
    },
    maySend,
  )
  if (posted.failure !== null) return failed(posted)
  const created = recordedShape.safeParse(posted.body)
  if (!created.success) return answer('unclear', `GitHub answered ${posted.status} without the deployment`)
  return statusAnswer(await postSuccess(client, ask, created.data.id))
}

function postSuccess(client: Client, { repository, description, maySend }: Ask, id: number): Promise<Posted> {
  return client.post(
    'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    { ...ownerAndName(repository), deployment_id: id, state: 'success', description },
    maySend,
  )
}

function statusAnswer(posted: Posted): ShownAnswer {
  if (posted.failure !== null) return failed(posted)
  return answer('shown', `GitHub answered ${posted.status}`)
}

/** A refusal is final; a rate limit, an error of GitHub and a lost answer are not. */
function failed(posted: Exclude<Posted, { failure: null }>): ShownAnswer {
  if (posted.failure === 'unanswered') return answer('unclear', posted.reason)
  const isFinal = posted.status < 500 && limitEnd(posted) === null
  return answer(isFinal ? 'refused' : 'unclear', explain(posted))
}

function answer(is: ShownAnswer['answer'], reason: string): ShownAnswer {
  return { to: 'show-deployment', answer: is, reason }
}
